"""architectures/NAME.html: which zoo's model of a name to take, all side by side, what differs, and what was found."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec

from zoodiff.accuracy.claim import when
from zoodiff.accuracy.evidence import comparable
from zoodiff.recognition.judged import apart
from zoodiff.record import Unmeasured
from zoodiff.showing.screen import dims
from zoodiff.survey.conforming import held
from zoodiff.survey.recommend import NEEDS, recommend
from zoodiff.survey.study import Entry, Group, Study
from zoodiff.views import _site, differences

FOLDER = "architectures"


def write(study: Study, folder: Path) -> list[Path]:
    """Write a page for each architecture of the study; those of an earlier one are removed."""
    pages = [_page(study, group, folder) for group in study.groups]
    _site.clear(folder / FOLDER, pages)
    return pages


def _page(study: Study, group: Group, folder: Path) -> Path:
    findings = [finding for finding in study.findings if finding.architecture == group.architecture]
    entries = sorted(group.entries, key=_order)
    networks = [
        (letter, [_model(study, entry) for entry in alike])
        for letter, alike in groupby(entries, key=lambda entry: entry.letter)
    ]
    left, parted = apart(group.architecture)
    return _site.page(
        folder,
        f"{FOLDER}/{_site.slug(group.architecture)}.html",
        "architecture.html",
        study,
        group=group,
        graphs=sum(1 for entry in entries if entry.letter),
        needs=NEEDS,
        advised=recommend(study, group),
        networks=networks,
        measured=any(model["others"] for _, models in networks for model in models),
        left=left,
        apart=list(zip(parted, differences.pairs(group.architecture), strict=True)),
        findings=findings,
        evidence=[msgspec.to_builtins(finding.evidence, str_keys=True) for finding in findings],
    )


def _order(entry: Entry) -> tuple[str, bool, str, str]:
    """By network, those on another's graph last."""
    return entry.letter or "~", entry.network.stand_in is not None, entry.zoo, entry.network.name


def _model(study: Study, entry: Entry) -> dict[str, Any]:
    measured = comparable(entry.evidence("acc@1"))
    return {
        "entry": entry,
        "chosen": [("Top-1", entry.top1), ("Top-5", entry.top5)],
        "claims": [(claim, when(claim)) for claim in entry.claims if claim.metric in ("acc@1", "acc@5")],
        "evidence": [("Top-1", entry.evidence("acc@1")), ("Top-5", entry.evidence("acc@5"))],
        "others": sorted({one.value for one in measured}),
        "bounds": _bounds(one.interval for one in measured),
        "time": study.speed.of(entry.network.ref) if study.speed else None,
        "input": _input(entry),
        "held": held(entry.network),
    }


def _bounds(several: Iterable[tuple[float, float]]) -> str:
    """From the lowest to the highest bound of some intervals; empty where there are none."""
    lows, highs = zip(*several, strict=True) if (several := list(several)) else ((), ())
    return f"{min(lows):.2f} to {max(highs):.2f}" if lows else ""


def _input(entry: Entry) -> str:
    if isinstance(entry.measurement, Unmeasured):
        return str(entry.size or "?")
    return ", ".join(dims(shape) for shape in entry.measurement.input.values())
