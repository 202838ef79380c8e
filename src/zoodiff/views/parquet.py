"""models.parquet, claims.parquet, evidence.parquet, findings.parquet: the study as typed tables for any data tool."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from zoodiff import __version__, disk
from zoodiff.accuracy import claim, evidence
from zoodiff.accuracy.choice import Chosen
from zoodiff.measuring.measurement import Measurement
from zoodiff.survey.study import Entry, Study

if TYPE_CHECKING:
    import pyarrow as pa

FORMAT = 1
"""the format of the files, in each one's metadata as `zoodiff.format`"""

_PERCENT = {"unit": "per cent", "convention": "0 to 100, as the zoo claims it"}
_MACS = {"unit": "multiply-accumulates", "convention": "zoodiff: convolutions and matrix products, padding included"}
_FLOPS = {"unit": "operations", "convention": "zoodiff: 2 per multiply-accumulate, every other operator by its rule"}
_PARAMETERS = {"unit": "parameters", "convention": "zoodiff: each distinct tensor once, running statistics included"}
_BYTES = {"unit": "bytes"}
_PIXELS = {"unit": "pixels"}
_JSON = {"unit": "JSON text"}


def write(study: Study, folder: Path) -> list[Path]:
    """Write the tables; each column's unit and convention are in its metadata."""
    import pyarrow.parquet

    zoos = "; ".join(f"{s.zoo} {s.version} as of {s.as_of}" for s in study.snapshots)
    made = {
        "models": _models(study),
        "claims": _claims(study),
        "evidence": _evidence(study),
        "findings": _findings(study),
    }
    paths = []
    for name, table in made.items():
        about = {"format": str(FORMAT), "kind": name, "tool": f"zoodiff {__version__}", "zoos": zoos}
        described = table.replace_schema_metadata({f"zoodiff.{key}": text for key, text in about.items()})
        paths.append(folder / f"{name}.parquet")
        with disk.whole(paths[-1]) as staging:
            pyarrow.parquet.write_table(described, staging)
    return paths


def _models(study: Study) -> pa.Table:
    """One row per model; what is not known is null, and `unknown` says why."""
    import pyarrow as pa

    count, text = pa.int64(), pa.string()
    accuracy = pa.decimal128(11, 8)
    columns = [
        pa.field("architecture", text, nullable=False),
        pa.field("zoo", text, nullable=False),
        pa.field("zoo_version", text, nullable=False),
        pa.field("ref", text, nullable=False),
        pa.field("weights", text),
        pa.field("top1", accuracy, metadata=_PERCENT),
        pa.field("top5", accuracy, metadata=_PERCENT),
        pa.field("group", text, metadata={"convention": "shared by the same networks of an architecture"}),
        pa.field("macs", count, metadata=_MACS),
        pa.field("flops", count, metadata=_FLOPS),
        pa.field("params", count, metadata=_PARAMETERS),
        pa.field(
            "statistics",
            count,
            metadata={"unit": "parameters", "convention": "those that are running means and variances"},
        ),
        pa.field("weight_bytes", count, metadata=_BYTES),
        pa.field("activations", count, metadata={"unit": "elements"}),
        pa.field("layers", count),
        pa.field("input_size", count, metadata=_PIXELS),
        pa.field("input", text, metadata=_JSON),
        pa.field("fingerprint", text),
        pa.field("unknown", text, metadata={"convention": "why counts and group are null; empty where they are not"}),
        pa.field("stand_in", text, metadata={"convention": "the model whose graph is used in this one's place"}),
        pa.field("quantised", text),
        pa.field("matched_by", text, metadata={"convention": "the rule that gave the architecture's name"}),
        pa.field("published_params", count, metadata={"unit": "parameters", "convention": "as the zoo states it"}),
        pa.field("published_bytes", count, metadata=_BYTES),
        pa.field("sha256", text),
        pa.field("preprocessing", text, metadata=_JSON),
    ]
    versions = {snapshot.zoo: snapshot.version for snapshot in study.snapshots}
    return pa.Table.from_pylist([_model(entry, versions[entry.zoo]) for entry in study.entries], pa.schema(columns))


def _model(entry: Entry, version: str) -> dict[str, Any]:
    weights = entry.weights
    row: dict[str, Any] = {
        "architecture": entry.naming.architecture,
        "zoo": entry.zoo,
        "zoo_version": version,
        "ref": entry.ref,
        "top1": entry.value("acc@1"),
        "top5": entry.value("acc@5"),
        "group": entry.letter,
        "macs": entry.macs,
        "params": entry.params,
        "input_size": entry.size,
        "unknown": entry.unknown,
        "stand_in": entry.network.stand_in,
        "quantised": entry.naming.quantised,
        "matched_by": entry.naming.rule,
    }
    if isinstance(entry.measurement, Measurement):
        counts = entry.measurement.counts
        row |= {
            "statistics": counts.statistics,
            "weight_bytes": counts.weight_bytes,
            "layers": counts.layers,
            "input": _json(entry.measurement.input),
            "fingerprint": entry.measurement.fingerprint,
        }
        if counts.complete:
            row |= {"flops": counts.flops.value, "activations": counts.activations}
    if weights:
        row |= {
            "weights": weights.id,
            "published_params": weights.params,
            "published_bytes": weights.bytes,
            "sha256": weights.sha256,
            "preprocessing": _json(weights.preprocessing),
        }
    return row


def _claims(study: Study) -> pa.Table:
    """One row per claim about a model of the study; `used` marks those that tables take."""
    import pyarrow as pa

    text = pa.string()
    convention = {"unit": "per cent where the metric is acc@1 or acc@5, else counts", "convention": "normalised"}
    required = ("architecture", "zoo", "ref", "metric", "as_written", "kind", "repository", "dated", "standing")
    optional = ("weights", "dataset", "preprocessing", "path", "commit", "date", "not_before", "not_after", "last_seen")
    columns = [
        *(pa.field(name, text, nullable=False) for name in required),
        pa.field("value", pa.decimal128(38, 8), nullable=False, metadata=convention),
        pa.field("used", pa.bool_(), nullable=False, metadata={"convention": "taken by the tables of this study"}),
        pa.field("input_size", pa.int64(), metadata=_PIXELS),
        pa.field("line", pa.int64()),
        *(pa.field(name, text) for name in optional),
        pa.field("note", text),
    ]
    return pa.Table.from_pylist(list(_claim_rows(study.entries)), pa.schema(columns))


def _claim_rows(entries: Iterable[Entry]) -> Iterator[dict[str, Any]]:
    for entry in entries:
        used = [chosen.claim for chosen in (entry.top1, entry.top5) if isinstance(chosen, Chosen)]
        for told in entry.claims:
            yield {
                **{name: getattr(told, name) for name in told.__struct_fields__ if name not in ("model", "source")},
                **{name: getattr(told.source, name) for name in told.source.__struct_fields__},
                "architecture": entry.naming.architecture,
                "zoo": entry.zoo,
                "ref": entry.ref,
                "dated": claim.dated(told),
                "standing": claim.standing(told),
                "used": told in used,
            }


def _evidence(study: Study) -> pa.Table:
    """One row per figure that somebody else measured of a model of the study, of whichever of its weights."""
    import pyarrow as pa

    text = pa.string()
    required = (
        "architecture",
        "ref",
        "zoo",
        "model",
        "weights",
        "metric",
        "measured_by",
        "same_weights_because",
        "repository",
    )
    optional = ("preprocessing", "path", "commit", "date", "note")
    columns = [
        *(pa.field(name, text, nullable=False) for name in required),
        pa.field("value", pa.decimal128(11, 8), nullable=False, metadata=_PERCENT | {"convention": "0 to 100"}),
        pa.field("correct", pa.int64(), metadata={"unit": "images of 50,000"}),
        pa.field("input_size", pa.int64(), metadata=_PIXELS),
        pa.field("as_the_zoo_prepares", pa.bool_()),
        pa.field("line", pa.int64()),
        *(pa.field(name, text) for name in optional),
    ]
    rows = [
        {
            **{name: getattr(one, name) for name in one.__struct_fields__ if name != "source"},
            **{name: getattr(one.source, name) for name in one.source.__struct_fields__},
            "architecture": entry.naming.architecture,
            "ref": entry.ref,
        }
        for entry in study.entries
        for weights in entry.record.weights
        for one in evidence.of(entry.zoo, entry.network.name, weights.id)
    ]
    return pa.Table.from_pylist(rows, pa.schema(columns))


def _findings(study: Study) -> pa.Table:
    """One row per finding, gravest first."""
    import pyarrow as pa

    names = ("id", "title", "severity", "confidence", "architecture", "disproof", "next_step")
    columns = [
        *(pa.field(name, pa.string(), nullable=False) for name in names),
        pa.field("models", pa.list_(pa.string()), nullable=False, metadata={"convention": "references"}),
        pa.field("evidence", pa.string(), nullable=False, metadata=_JSON),
    ]
    rows = [
        {**{name: getattr(f, name) for name in names}, "models": list(f.models), "evidence": _json(f.evidence)}
        for f in study.findings
    ]
    return pa.Table.from_pylist(rows, pa.schema(columns))


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
