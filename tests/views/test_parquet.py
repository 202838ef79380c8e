"""The three Parquet files, read back with pyarrow."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from madeup import measured
from zoodiff.accuracy.evidence import Evidence
from zoodiff.survey import compare
from zoodiff.survey.study import Study
from zoodiff.views import parquet as view


@pytest.fixture
def read(study: Study, tmp_path: Path) -> dict[str, pa.Table]:
    return {path.stem: pq.read_table(path) for path in view.write(study, tmp_path)}


def row(table: pa.Table, ref: str) -> dict[str, Any]:
    (found,) = [row for row in table.to_pylist() if row["ref"] == ref]
    return dict(found)


def test_each_file_says_its_format_and_what_it_is_of(read: dict[str, pa.Table]) -> None:
    assert list(read) == ["models", "claims", "evidence", "findings"]
    for kind, table in read.items():
        told = table.schema.metadata
        assert (told[b"zoodiff.format"], told[b"zoodiff.kind"]) == (b"1", kind.encode())
        assert b"alpha 1.0 as of 2026-01-02" in told[b"zoodiff.zoos"]


def test_accuracies_are_decimals_with_their_unit(read: dict[str, pa.Table]) -> None:
    field = read["models"].schema.field("top1")
    assert pa.types.is_decimal128(field.type)
    assert field.metadata[b"unit"] == b"per cent"
    assert row(read["models"], "alpha:resnet50_v1")["top1"] == Decimal("76.130")


def test_counts_are_integers_with_their_convention(read: dict[str, pa.Table]) -> None:
    field = read["models"].schema.field("macs")
    assert field.type == pa.int64()
    assert b"padding included" in field.metadata[b"convention"]
    found = row(read["models"], "beta:ResNet50_v1")
    assert (found["macs"], found["params"], found["input_size"]) == (27 * 8 * 64**2 + 80, 306, 64)
    assert json.loads(found["input"]) == {"x": [1, 3, 64, 64]}


def test_what_is_not_known_is_null_with_a_reason(read: dict[str, pa.Table]) -> None:
    found = row(read["models"], "alpha:<img src=x onerror=alert(1)>")
    assert (found["macs"], found["params"], found["group"], found["top1"]) == (None,) * 4
    assert found["unknown"].endswith("it cannot be <built>")
    assert row(read["models"], "gamma:alexnet")["stand_in"] == "alpha:alexnet"


def test_evidence_is_a_table_of_its_own(zoos: None, known: list[Evidence], tmp_path: Path) -> None:
    known += [measured("71.5", True), measured("90.0", None, "acc@5")]
    view.write(compare.audit(), tmp_path)
    rows = [r for r in pq.read_table(tmp_path / "evidence.parquet").to_pylist() if r["ref"] == "alpha:vgg16"]
    assert [(r["metric"], r["value"], r["as_the_zoo_prepares"]) for r in rows] == [
        ("acc@1", Decimal("71.5"), True),
        ("acc@5", Decimal("90.0"), None),
    ]
    assert rows[0]["same_weights_because"] == "equal hashes"
    assert (rows[0]["repository"], rows[0]["line"]) == ("some/body", 7)


def test_every_claim_is_there_and_the_used_ones_are_marked(read: dict[str, pa.Table]) -> None:
    rows = [r for r in read["claims"].to_pylist() if r["ref"] == "alpha:resnet50_v1" and r["metric"] == "acc@1"]
    assert sorted((r["value"], r["as_written"], r["weights"], r["used"]) for r in rows) == [
        (Decimal("76.13"), "76.130", "w1", True),
        (Decimal("80.858"), "80.858", "w2", False),
    ]
    assert (rows[0]["repository"], rows[0]["line"], rows[0]["date"]) == ("owner/zoo", 7, "2022-05-01")


def test_findings_keep_their_evidence(study: Study, read: dict[str, pa.Table]) -> None:
    rows = read["findings"].to_pylist()
    assert [(r["id"], r["title"], tuple(r["models"])) for r in rows] == [
        (f.id, f.title, f.models) for f in study.findings
    ]
    assert rows
    assert all(isinstance(json.loads(r["evidence"]), dict) for r in rows)


def test_a_study_of_nothing_has_the_same_columns(read: dict[str, pa.Table], study: Study, tmp_path: Path) -> None:
    empty = Study(study.snapshots, ())
    for path in view.write(empty, tmp_path):
        table = pq.read_table(path)
        assert table.num_rows == 0
        assert table.schema == read[path.stem].schema
