"""A difference's document: shares by hand, what JSON cannot hold, and read back it is the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from zoodiff.comparison.difference import Cause, Consequence, Difference, Gap, document, load
from zoodiff.comparison.diffing import diff
from zoodiff.comparison.reverse import reverse
from zoodiff.comparison.sidebyside import lay
from zoodiff.comparison.words import Layer, Side
from zoodiff.fault import Refusal
from zoodiff.record import Unmeasured


def cause(left: float = 0.5, right: float = 0.25) -> Cause:
    """Another factor of a leaky ReLU, and what it brings with it."""
    sides = [Side(value, ("a",), (Layer("LeakyRelu"),)) for value in (left, right)]
    follows = (Consequence("Conv", "in_channels", ("b",), 30, 4), Consequence("Gemm", "in_channels", ("c",), -5, -1))
    return Cause(
        kind="changed",
        op="LeakyRelu",
        what="alpha",
        words="",
        left=sides[0],
        right=sides[1],
        macs_delta=100,
        params_delta=10,
        consequences=follows,
    )


def told(one: Cause, proof: Unmeasured | None = None) -> Difference:
    gap = Gap(1000, 1125, 125)
    return Difference(
        left={},
        right={},
        macs=gap,
        params=Gap(50, 63, 13),
        differences=(one,),
        remainder={"macs": 0, "params": 0},
        not_compared=("Magic",),
        proof=proof,
        aligned=None,
    )


def test_a_cause_s_whole_share_is_its_own_and_its_consequences() -> None:
    assert (cause().macs, cause().params) == (100 + 30 - 5, 10 + 4 - 1)


def test_a_cause_is_worded_by_what_differs() -> None:
    assert cause().worded().words == "leaky ReLU: alpha 0.5 against 0.25"


@pytest.mark.parametrize(("value", "written"), [(float("nan"), "nan"), (float("-inf"), "-inf"), (0.5, 0.5)])
def test_a_number_that_json_cannot_hold_is_a_word(value: float, written: object) -> None:
    made = json.loads(json.dumps(document(told(cause(value))), allow_nan=False))
    assert made["differences"][0]["left"]["value"] == written


def test_why_there_is_no_proof_is_said_among_what_was_not_compared(tmp_path: Path) -> None:
    """Read back, it is the proof's again."""
    found = told(cause(), Unmeasured("too large"))
    assert document(found)["not_compared"] == ("Magic", "proof: too large")
    path = tmp_path / "difference.json"
    path.write_text(json.dumps(document(found)))
    back = load(path)
    assert (back.not_compared, back.proof) == (("Magic",), Unmeasured("too large"))


@pytest.mark.parametrize(
    ("a", "b"), [("torchvision:resnet50", "keras:ResNet50"), ("keras:ResNet50V2", "tfmg:resnet_v2_50")]
)
def test_a_difference_is_saved_read_back_and_reversed(a: str, b: str, tmp_path: Path) -> None:
    found = diff(a, b)
    path = tmp_path / "difference.json"
    path.write_text(json.dumps(document(found)))
    back = load(path)
    assert document(back) == document(found)
    with pytest.raises(Refusal, match="no picture"):
        lay(back)
    assert json.loads(json.dumps(document(reverse(back)))) == json.loads(json.dumps(document(diff(b, a))))


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": 1, "kind": "measurement"}'])
def test_what_is_no_difference_is_not_read_back(text: str, tmp_path: Path) -> None:
    path = tmp_path / "difference.json"
    path.write_text(text)
    with pytest.raises(Refusal, match="holds no difference"):
        load(path)
