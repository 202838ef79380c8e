"""results.json, held against contracts and the zoos of conftest.py."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from madeup import bench, measured, timed
from zoodiff.accuracy.evidence import Evidence
from zoodiff.survey import compare
from zoodiff.survey.finding import Finding
from zoodiff.survey.study import Study
from zoodiff.views import json as view


@pytest.fixture
def document(study: Study) -> dict[str, Any]:
    return view.document(study)


def model(document: dict[str, Any], ref: str) -> dict[str, Any]:
    (found,) = [m for a in document["architectures"] for m in a["models"] if m["ref"] == ref]
    return found


def architecture(document: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [a for a in document["architectures"] if a["name"] == name]
    return found


def test_it_has_the_shape_that_is_promised(document: dict[str, Any]) -> None:
    assert (document["format"], document["kind"]) == (1, "audit")
    assert [(z["zoo"], z["version"], z["as_of"], z["models"]) for z in document["zoos"]] == [
        ("alpha", "1.0", "2026-01-02", 4),
        ("beta", "2.1", "2026-01-02", 2),
        ("gamma", "0.3", "2026-01-02", 2),
    ]
    assert {"architectures", "tables", "findings"} <= document.keys()
    for found in document["architectures"]:
        assert {"top1", "top5", "macs_ratio"} <= found["spread"].keys()
        for each in found["models"]:
            assert {"ref", "zoo", "top1", "top5", "macs", "params", "input", "group"} <= each.keys()


def test_accuracies_are_decimals_as_written_and_counts_exact(document: dict[str, Any]) -> None:
    found = model(document, "alpha:resnet50_v1")
    assert (found["top1"], found["top5"]) == ("76.130", "92.862")
    assert (found["macs"], found["params"]) == (27 * 8 * 32**2 + 80, 37 * 8 + 10)
    assert (found["input"], found["input_size"]) == ({"x": [1, 3, 32, 32]}, 32)
    spread = architecture(document, "resnet50-v1")["spread"]
    assert spread["top1"] == "1.230"
    assert spread["macs_ratio"] == (27 * 8 * 64**2 + 80) / (27 * 8 * 32**2 + 80)


def test_equal_networks_share_a_letter_whatever_their_input(document: dict[str, Any]) -> None:
    letters = {m["ref"]: m["group"] for m in architecture(document, "vgg16")["models"]}
    assert letters == {"alpha:vgg16": "A", "beta:VGG16": "A", "gamma:vgg16": "B"}
    assert {m["group"] for m in architecture(document, "resnet50-v1")["models"]} == {"A"}


def test_every_null_has_its_reason(document: dict[str, Any]) -> None:
    found = model(document, "alpha:<img src=x onerror=alert(1)>")
    for name in ("top1", "top5", "macs", "params", "input", "group"):
        assert found[name] is None
        assert found[f"{name}_why"]
    assert found["macs_why"].endswith("it cannot be <built>")
    assert architecture(document, "alexnet")["spread"]["macs_ratio"] is None
    assert "of their own" in architecture(document, "alexnet")["spread"]["macs_ratio_why"]


def test_a_stand_in_is_marked(document: dict[str, Any]) -> None:
    found = model(document, "gamma:alexnet")
    assert (found["stand_in"], found["stand_in_reason"]) == ("alpha:alexnet", "its file is not to be had")
    assert found["macs"] == model(document, "alpha:alexnet")["macs"]


def test_claims_carry_source_date_and_weights_and_other_weights_are_shown(document: dict[str, Any]) -> None:
    found = model(document, "alpha:resnet50_v1")
    told = found["top1_claim"]
    assert (found["weights"], told["weights"], told["date"], told["dated"]) == ("w1", "w1", "2022-05-01", "day")
    assert told["source"]["text"] == "owner/zoo@0123456789ab README.md:7"
    (other,) = found["other_weights"]
    assert (other["id"], other["claims"][0]["value"]) == ("w2", "80.858")


def test_evidence_stands_beside_claims_with_its_source(zoos: None, known: list[Evidence]) -> None:
    known += [measured("71.5", False), measured("90.0", None, "acc@5")]
    one, other = model(view.document(compare.audit()), "alpha:vgg16")["evidence"]
    assert (one["metric"], one["value"], one["as_the_zoo_prepares"]) == ("acc@1", "71.5", False)
    assert one["source"]["repository"] == "some/body"
    assert one["same_weights_because"] == "equal hashes"
    assert other["metric"] == "acc@5"


def test_tables_are_in_it(document: dict[str, Any]) -> None:
    tables = document["tables"]
    alpha = tables["table1"]["top1"][0]
    assert alpha == {
        "zoo": "alpha",
        "models": 3,
        "highest": 3,
        "lowest": 1,
        "highest_percent": "100.0",
        "lowest_percent": "33.3",
        "percent_why": None,
    }
    assert [row["architecture"] for row in tables["top_spreads"]["top1"]] == ["resnet50-v1", "vgg16"]
    assert [row["architecture"] for row in tables["top_mac_ratios"]] == ["resnet50-v1", "vgg16"]
    assert len(tables["matches"]) == 8


def test_findings_are_written_as_the_contract_says(study: Study) -> None:
    finding = Finding(
        id="some-rule",
        title="they differ",
        severity="high",
        confidence="medium",
        architecture="vgg16",
        models=("alpha:vgg16",),
        evidence={"spread": Decimal("0.292"), "counts": {3: (1, 2)}},
        disproof="another count",
        next_step="zoodiff measure alpha:vgg16",
    )
    (written,) = view.document(replace(study, findings=(finding,)))["findings"]
    assert written["models"] == ["alpha:vgg16"]
    assert json.loads(json.dumps(written))["evidence"] == {"spread": "0.292", "counts": {"3": [1, 2]}}


def test_the_file_is_the_document_and_the_same_each_time(zoos: None, study: Study, tmp_path: Path) -> None:
    (path,) = view.write(study, tmp_path)
    first = path.read_bytes()
    assert path.name == "results.json"
    assert json.loads(first) == view.document(study)
    view.write(compare.audit(), tmp_path)
    assert path.read_bytes() == first


def test_cost_against_time_is_in_it_or_why_not(zoos: None, document: dict[str, Any]) -> None:
    assert document["speed"]["rank_correlation"] is None
    assert "--latency" in document["speed"]["rank_correlation_why"]
    times = bench(timed("alpha:vgg16/w1", 9.0, {"x": (1, 3, 32, 32)}))
    [told] = view.document(compare.audit(times=times))["speed"]["models"]
    assert (told["ref"], told["macs"]) == ("alpha:vgg16/w1", 27 * 8 * 32**2 + 80)
    assert told["gmacs_per_second"] == told["macs"] / told["median_ms"] / 1e6
