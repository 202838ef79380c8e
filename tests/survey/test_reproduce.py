"""Statements judged: what the answers turn on, and the JSON of the contract."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from madeup import Ran
from zoodiff.fault import Refusal
from zoodiff.survey.original import original
from zoodiff.survey.reproduce import Reproduction, reproduce
from zoodiff.survey.then import Models

CLAIMS = ("acc-max", "acc-12-top1", "acc-12-top5", "acc-r152", "tab1-top1", "tab1-top5")


@pytest.fixture(scope="module")
def found(models: Models) -> Reproduction:
    """Everything, as of the study's day."""
    return reproduce(models=models)


# ---------------------------------------------------------------- answers


def test_one_answer_per_statement_in_the_studys_order(found: Reproduction) -> None:
    assert [one.id for one in found.statements] == list(original().statement)
    for one in found.statements:
        assert set(one.paper) <= set(one.ours)
        assert one.why.endswith(".")
        assert one.evidence
        grades = set(one.numbers.values())
        assert (one.status == "same") == (grades <= {"same", "last digit"})
        assert (one.status == "different") == ("different" in grades)


@pytest.mark.parametrize(
    "name", [*CLAIMS[:4], "tab1-top5", "flop-squeeze", "flop-rnv2", "flop-rn50v2", "arch-alexnet", "arch-rn50v2"]
)
def test_most_statements_come_out(found: Reproduction, name: str) -> None:
    assert next(one.status for one in found.statements if one.id == name) == "same"


def test_the_day_is_the_last_first_of_a_month_on_which_most_numbers_come_out(found: Reproduction) -> None:
    score = {one.under["as_of"]: one.same for one in found.dates}
    assert len(score) == 8
    assert max(day for day, same in score.items() if same == max(score.values())) == found.as_of
    months = {
        day: dict(zip(one.statements, one.statements.values(), strict=True))
        for day, one in zip(score, found.dates, strict=True)
    }
    assert months["2022-03-01"] == months["2022-05-01"]
    assert months["2022-06-01"]["acc-max"] == months["2022-01-01"]["acc-max"] == "different"


def test_most_numbers_come_out_under_what_is_taken(found: Reproduction) -> None:
    assert found.choices is not None
    assert found.choices.combinations == 256
    assert found.choices.taken in found.choices.best
    assert len(found.choices.best) == 1
    assert len(found.choices.one_changed) == 6 + 3
    assert all(one.same < found.choices.taken.same for one in found.choices.one_changed)


def test_firmness_counts_the_combinations(found: Reproduction) -> None:
    assert found.choices is not None
    firm = found.choices.numbers
    assert firm["acc-r152.keras_152"] == 256  # no option touches it
    assert firm["acc-12-top1.of"] < 64  # 35 needs the very list
    assert set(firm.values()) <= set(range(257))


def test_some_statements_alone(models: Models) -> None:
    only = reproduce(["acc-r152"], models=models)
    assert [one.id for one in only.statements] == ["acc-r152"]
    assert {name for tried in only.dates for name in tried.statements} == {"acc-r152"}


def test_an_unknown_statement_is_refused(models: Models) -> None:
    with pytest.raises(Refusal, match="no statement 'acc-min'"):
        reproduce(["acc-min"], models=models)


def test_before_any_claim_nothing_fails(models: Models) -> None:
    early = reproduce(CLAIMS, as_of="2012-01-01", models=models)
    assert all(one.status != "same" for one in early.statements)


# ---------------------------------------------------------------- the command


def test_the_document_is_the_contracts(cli: Callable[..., Ran]) -> None:
    ran = cli("reproduce", "acc-max", "acc-r152", "--json", "--quiet")
    document = json.loads(ran.out)
    assert (ran.code, document["format"], document["kind"], document["as_of"]) == (0, 1, "reproduction", "2022-05-01")
    assert [one["id"] for one in document["statements"]] == ["acc-max", "acc-r152"]
    for one in document["statements"]:
        assert {"id", "paper", "ours", "status", "why", "evidence"} <= set(one)
    assert document["statements"][0]["paper"] == {"largest": "2.62", "tenth": "1.23"}
    assert document["statements"][0]["ours"] == {"largest": "2.62", "tenth": "1.230"}
