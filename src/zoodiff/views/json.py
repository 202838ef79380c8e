"""results.json: the whole study as one document, every number exact and every null with its reason beside it."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec

from zoodiff import __version__, disk
from zoodiff.accuracy import claim
from zoodiff.accuracy.choice import Chosen
from zoodiff.accuracy.evidence import Evidence
from zoodiff.measuring.measurement import Measurement
from zoodiff.record import Claim, Preprocessing, Unmeasured
from zoodiff.survey import stated, tables
from zoodiff.survey.study import Entry, Group, Study

FORMAT = 1
NAMES = {"acc@1": "top1", "acc@5": "top5"}
"""What the document calls a metric."""


def write(study: Study, folder: Path) -> list[Path]:
    """Write `results.json`."""
    path = folder / "results.json"
    with disk.whole(path) as staging:
        staging.write_text(json.dumps(document(study), ensure_ascii=False) + "\n", encoding="utf-8")
    return [path]


def document(study: Study) -> dict[str, Any]:
    """The study as plain JSON values.

    Accuracies and spreads are decimal strings in per cent and percentage points, counts are integers, `macs_ratio` is
    the nearest floating-point number. Where `X` is null, `X_why` beside it says why.
    """
    return _plain(
        {
            "format": FORMAT,
            "kind": "audit",
            "tool": f"zoodiff {__version__}",
            "claims_as_of": study.as_of,
            "asked": list(study.asked),
            "note": study.note,
            "zoos": [
                {
                    "zoo": snapshot.zoo,
                    "version": snapshot.version,
                    "as_of": snapshot.as_of,
                    "models": len(snapshot.models),
                    "gathered": snapshot.provenance.gathered,
                    "checked": snapshot.provenance.checked,
                }
                for snapshot in study.snapshots
            ],
            "architectures": [_architecture(group) for group in study.groups],
            "tables": _tables(study),
            "speed": _speed(study),
            "findings": study.findings,
        }
    )


def _speed(study: Study) -> dict[str, Any]:
    """Cost against time; without the times of a bench, null and why."""
    speed = study.speed
    if speed is None:
        return {
            "rank_correlation": None,
            "rank_correlation_why": "no times of these (--latency F)",
            "models": [],
        }
    rho, bounds = speed.correlation, speed.interval
    return {
        "rank_correlation": None if isinstance(rho, Unmeasured) else rho,
        "rank_correlation_why": rho.reason if isinstance(rho, Unmeasured) else None,
        "ci": None if isinstance(bounds, Unmeasured) else [bounds.low, bounds.high],
        "ci_why": bounds.reason if isinstance(bounds, Unmeasured) else None,
        "models": [
            {
                "ref": point.ref,
                "architecture": point.architecture,
                "macs": point.macs,
                "median_ms": point.milliseconds,
                "gmacs_per_second": point.rate,
                "score": point.score,
                "outlier": point in speed.outliers,
            }
            for point in speed.points
        ],
        "machine": speed.bench.machine,
        "settings": speed.bench.settings,
        "began": speed.bench.began,
        "busy": speed.bench.busy,
    }


# ---------------------------------------------------------------- architectures and their models


def _architecture(group: Group) -> dict[str, Any]:
    return {
        "name": group.architecture,
        "zoos": list(group.zoos),
        "networks": len(group.letters),
        "models": [_model(entry) for entry in group.entries],
        "spread": _spread(group),
    }


def _spread(group: Group) -> dict[str, Any]:
    spread: dict[str, Any] = {}
    for metric, name in NAMES.items():
        value = group.spread(metric)
        spread[name] = _text(value)
        if value is None:
            spread[f"{name}_why"] = f"fewer than two zoos claim {metric} of a model that is not quantised"
    spread["macs_ratio"] = None if group.macs_ratio is None else float(group.macs_ratio)
    if group.macs_ratio is None:
        spread["macs_ratio_why"] = "fewer than two zoos have a graph of their own that is counted in full"
    return spread


def _model(entry: Entry) -> dict[str, Any]:
    measured = entry.measurement if isinstance(entry.measurement, Measurement) else None
    weights = entry.weights
    return {
        "ref": entry.ref,
        "zoo": entry.zoo,
        "weights": weights.id if weights else None,
        "weights_why": None if weights else "the zoo's record has no weights of it",
        **_claimed("top1", entry.top1),
        **_claimed("top5", entry.top5),
        "evidence": [_evidence(one) for metric in NAMES for one in entry.evidence(metric)],
        "macs": entry.macs,
        "macs_why": entry.unknown or None,
        "params": entry.params,
        "params_why": None if measured else entry.unknown,
        "input": {name: list(shape) for name, shape in measured.input.items()} if measured else None,
        "input_why": None if measured else entry.unknown,
        "input_size": entry.size,
        "input_size_why": None if entry.size else entry.unknown or "its input is no image",
        "group": entry.letter,
        "group_why": None if entry.letter else entry.unknown or "its graph cannot be told from others at this input",
        "fingerprint": measured.fingerprint if measured else None,
        "stand_in": entry.network.stand_in,
        "stand_in_reason": entry.record.stand_in_reason if entry.network.stand_in else "",
        "graph_missing": entry.record.graph_missing.reason if entry.record.graph_missing else None,
        "quantised": entry.naming.quantised,
        "sha256": weights.sha256 if weights else None,
        "bytes": weights.bytes if weights else None,
        "published_params": weights.params if weights else None,
        **_preprocessing(entry),
        "other_weights": _other_weights(entry),
        "package": entry.record.package,
        "note": entry.record.note,
    }


def _claimed(name: str, chosen: Chosen | Unmeasured) -> dict[str, Any]:
    """The claim that tables use: its value, where it stands, and what contradicts it; or why there is none."""
    if isinstance(chosen, Unmeasured):
        return {name: None, f"{name}_why": chosen.reason, f"{name}_claim": None}
    against = [_claim(other) for other in chosen.contradicted_by]
    told = {**_claim(chosen.claim), "chosen_because": chosen.why, "contradicted_by": against}
    return {name: _text(chosen.claim.value), f"{name}_why": None, f"{name}_claim": told}


def _claim(told: Claim) -> dict[str, Any]:
    return {
        "value": _text(told.value),
        "as_written": told.as_written,
        "kind": told.kind,
        "weights": told.weights,
        "input_size": told.input_size,
        "preprocessing": told.preprocessing,
        "source": {
            "text": str(told.source),
            "repository": told.source.repository,
            "path": told.source.path,
            "commit": told.source.commit,
            "line": told.source.line,
        },
        "dated": claim.dated(told),
        "date": told.date,
        "not_before": told.not_before,
        "not_after": told.not_after,
        "last_seen": told.last_seen,
        "note": told.note,
    }


def _evidence(one: Evidence) -> dict[str, Any]:
    """What somebody else measured of the same weights."""
    return {
        "metric": one.metric,
        "value": _text(one.value),
        "correct": one.correct,
        "measured_by": one.measured_by,
        "weights": one.weights,
        "same_weights_because": one.same_weights_because,
        "input_size": one.input_size,
        "preprocessing": one.preprocessing,
        "as_the_zoo_prepares": one.as_the_zoo_prepares,
        "source": {"text": str(one.source), **{name: getattr(one.source, name) for name in _SOURCE}},
        "date": one.date,
        "note": one.note,
    }


_SOURCE = ("repository", "path", "commit", "line")


def _preprocessing(entry: Entry) -> dict[str, Any]:
    stated = entry.weights.preprocessing if entry.weights else Unmeasured("the zoo's record has no weights of it")
    if isinstance(stated, Preprocessing):
        return {"preprocessing": stated, "preprocessing_why": None}
    return {"preprocessing": None, "preprocessing_why": stated.reason}


def _other_weights(entry: Entry) -> list[dict[str, Any]]:
    """The zoo's other weights of the model, each with the accuracies claimed of it by name."""
    own = entry.weights.id if entry.weights else None
    ids = [weights.id for weights in entry.record.weights] + [told.weights for told in entry.claims if told.weights]
    others = [name for name in dict.fromkeys(ids) if name != own]
    claims = [told for told in entry.claims if told.metric in NAMES]
    return [
        {"id": name, "claims": [{"metric": c.metric, **_claim(c)} for c in claims if c.weights == name]}
        for name in others
    ]


# ---------------------------------------------------------------- tables


def _tables(study: Study) -> dict[str, Any]:
    return {
        "table1": {NAMES.get(metric, metric): _table1(study, metric) for metric in tables.METRICS},
        "table1_ties": "every zoo of a tie counts, so where all are equal each is both highest and lowest",
        "top_spreads": {name: _top_spreads(study, metric) for metric, name in NAMES.items()},
        "top_mac_ratios": [
            {
                "architecture": row.architecture,
                "ratio": float(row.ratio),
                "points": [
                    {"ref": entry.ref, "zoo": entry.zoo, "macs": macs, "input_size": entry.size}
                    for entry, macs in row.points
                ],
            }
            for row in tables.top_mac_ratios(study)
        ],
        "matches": [
            {
                "zoo": match.naming.zoo,
                "model": match.naming.name,
                "architecture": match.naming.architecture,
                "family": match.naming.family,
                "rule": match.naming.rule,
                "why": match.naming.why,
                "ambiguous": match.naming.ambiguous,
                "zoos": list(match.zoos),
            }
            for match in tables.matches(study)
        ],
        "names": stated.counted(study),
    }


def _table1(study: Study, metric: str) -> list[dict[str, Any]]:
    return [
        {
            "zoo": rank.zoo,
            "models": rank.models,
            "highest": rank.highest,
            "lowest": rank.lowest,
            "highest_percent": _percent(rank.highest_share),
            "lowest_percent": _percent(rank.lowest_share),
            "percent_why": rank.highest_share.reason if isinstance(rank.highest_share, Unmeasured) else None,
        }
        for rank in tables.table1(study, metric)
    ]


def _top_spreads(study: Study, metric: str) -> list[dict[str, Any]]:
    return [
        {
            "architecture": row.architecture,
            "spread": _text(row.spread),
            "points": [{"ref": entry.ref, "zoo": entry.zoo, "value": _text(value)} for entry, value in row.points],
        }
        for row in tables.top_spreads(study, metric)
    ]


def _plain(document: dict[str, Any]) -> dict[str, Any]:
    """The document as a reader of its JSON gets it: lists for tuples, text for decimals and keys."""
    read: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(document))
    return read


def _text(value: Decimal | None) -> str | None:
    """A decimal as its source writes it, never in powers of ten."""
    return None if value is None else f"{value:f}"


def _percent(share: Fraction | Unmeasured) -> str | None:
    """A share in per cent, to one decimal."""
    return None if isinstance(share, Unmeasured) else f"{Decimal(round(1000 * share)) / 10:.1f}"
