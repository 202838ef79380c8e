"""The bundled claims: their figures, sources and days."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from zoodiff.accuracy import claim
from zoodiff.fault import Refusal
from zoodiff.record import Claim, Model, Source

ALL = [(zoo, each) for zoo in claim.zoos() for each in claim.claims(zoo)]


@pytest.mark.parametrize("zoo", claim.zoos())
def test_values_follow_from_the_figures_as_written(zoo: str) -> None:
    for each in claim.claims(zoo):
        check_value(each)


def check_value(each: Claim) -> None:
    number = Decimal(re.sub(r"[,%~]|[KMB]$", "", each.as_written))
    if each.kind == "count":
        assert each.value == number * {"K": 10**3, "M": 10**6, "B": 10**9}.get(each.as_written[-1], 1)
        assert each.metric in ("params", "macs")
        assert each.value > 0
    elif each.kind == "error":
        assert each.value == 100 - number
    else:
        assert each.value in (number, 100 * number)
    assert each.metric not in ("acc@1", "acc@5") or 39 < each.value < 100


def test_every_claim_has_a_source_that_is_described() -> None:
    for zoo, each in ALL:
        assert each.source.path, (zoo, each)
        assert claim._known(each.source), each.source
        assert each.source.commit or "==" in each.source.repository or "not located" in each.note, (zoo, each)
        assert each.source.commit is None or re.fullmatch(r"[0-9a-f]{12}|[0-9a-f]{40}", each.source.commit)


def test_dates_are_dates_in_order() -> None:
    for _, each in ALL:
        known = [text for text in (each.date or each.not_before, each.last_seen) if text]
        assert [claim.day(text) for text in known] == sorted(claim.day(text) for text in known)
        if each.not_before and each.not_after:
            assert claim.day(each.not_before) <= claim.last_day(each.not_after)


def test_accuracy_of_one_row_stays_below_its_top5() -> None:
    rows = {(zoo, e.model, e.weights, e.input_size, e.source, e.date): {} for zoo, e in ALL}
    for zoo, e in ALL:
        rows[zoo, e.model, e.weights, e.input_size, e.source, e.date][e.metric] = e.value
    pairs = [row for row in rows.values() if {"acc@1", "acc@5"} <= set(row)]
    assert len(pairs) > 400
    assert all(row["acc@1"] < row["acc@5"] for row in pairs)


@pytest.mark.parametrize(
    ("zoo", "model", "both"),
    [
        ("tfmg", "mobilenet_v2", {"71.9", "71.8"}),
        ("keras", "NASNetMobile", {"74.4", "74.0"}),
        ("onnx", "bvlcalexnet-12", {"54.80", "57.1"}),
        ("onnx", "efficientnet-lite4-11", {"80.4", "77.70"}),
        ("torchvision", "efficientnet_v2_l", {"85.810"}),
    ],
)
def test_contradicting_claims_are_kept(zoo: str, model: str, both: set[str]) -> None:
    assert both <= {str(each.value) for each in claim.of(Model(model), zoo) if each.metric == "acc@1"}


def test_claims_that_no_model_of_the_zoo_bears_are_listed() -> None:
    assert set(claim.unmapped("torchvision", ["alexnet"])) == {e.model for e in claim.claims("torchvision")} - {
        "alexnet"
    }
    assert "ResNeXt50" in claim.unmapped("keras", ["ResNet50"])
    assert claim.unmapped("nowhere", []) == ()


def test_a_zoo_without_claims_has_none() -> None:
    assert claim.claims("nowhere") == ()


@pytest.mark.parametrize("text", ["yesterday", "2022-13", "01.05.2022", ""])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="is no date"):
        claim.day(text)


@pytest.mark.parametrize(
    ("known", "words"),
    [
        ({"date": "2022-05-01"}, "2022-05-01"),
        ({"date": "2022-05-01", "last_seen": "2023-01-01"}, "2022-05-01 to 2023-01-01"),
        ({"not_before": "2017-03"}, "2017-03 .. ?"),
        ({"not_after": "2018-01"}, "? .. 2018-01"),
        ({}, "unknown"),
    ],
)
def test_when_a_claim_was_made_is_said_as_far_as_it_is_known(known: dict[str, str], words: str) -> None:
    made = Claim("m", "acc@1", Decimal(70), "70", Source("zoo/table"), **known)
    assert claim.when(made) == words
