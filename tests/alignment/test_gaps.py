"""Gaps: what lies between anchors goes with what lies between the same anchors, in order or in place."""

from __future__ import annotations

import pytest

from networks import network
from zoodiff.alignment import gaps
from zoodiff.alignment.gaps import pair_in_order, pair_in_place
from zoodiff.alignment.matching import Matching
from zoodiff.reading.reference import find
from zoodiff.reducing.net import Net
from zoodiff.reducing.reduce import build


def net(text: str, **weights: tuple[int, ...]) -> Net:
    return build(find(network(f"net (float[1,4,8,8] x) => (float[] y) {{ {text} }}", **weights)).graph())


LEFT = net("a = Sin(x) b = Conv(a, w) c = Cos(b) d = Conv(c, w) y = Tanh(d)", w=(4, 4, 1, 1))
RIGHT = net("a = Sin(x) n = Mish(a) b = Conv(n, v) c = Cos(b) d = Conv(c, v) y = Tanh(d)", v=(4, 4, 1, 1))


def test_between_anchors_the_likest_are_paired_in_order() -> None:
    matching = Matching(LEFT, RIGHT)
    matching.pair(0, 0)
    matching.pair(2, 3)
    pair_in_order(matching)
    assert matching.a.mate == [0, 2, 3, 4, 5]
    assert matching.b.mate == [0, -1, 1, 2, 3, 4]


def test_nothing_crosses_an_anchor() -> None:
    """The right network's only other convolution lies on the other side of the pair."""
    left = net("a = Sin(x) b = Conv(a, w) c = Cos(b) y = Tanh(c)", w=(4, 4, 1, 1))
    right = net("a = Sin(x) c = Cos(a) b = Conv(c, w) y = Tanh(b)", w=(4, 4, 1, 1))
    matching = Matching(left, right)
    matching.pair(2, 1)
    pair_in_order(matching)
    assert matching.a.mate == [0, -1, 1, 3]


def test_a_pair_that_crosses_others_is_no_anchor() -> None:
    matching = Matching(LEFT, LEFT)
    for a, b in ((0, 4), (2, 2), (3, 3)):
        matching.pair(a, b)
    pair_in_order(matching)
    assert matching.a.mate == [4, 1, 2, 3, -1]


def test_too_large_a_gap_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gaps, "CELLS", 3)
    matching = Matching(LEFT, RIGHT)
    matching.pair(2, 3)
    pair_in_order(matching)
    assert matching.a.mate == [-1, -1, 3, -1, -1]


@pytest.mark.parametrize(("operator", "paired"), [("Sigmoid(a)", True), ("Conv(a, w)", False)])
def test_in_place_goes_what_hangs_between_the_same_pairs_and_is_of_one_kind(operator: str, paired: bool) -> None:
    left = net("a = Sin(x) b = Tanh(a) y = Cos(b)")
    right = net(f"a = Sin(x) b = {operator} y = Cos(b)", w=(4, 4, 1, 1))
    matching = Matching(left, right)
    matching.pair(0, 0)
    matching.pair(2, 2)
    pair_in_place(matching)
    assert matching.a.mate == [0, 1 if paired else -1, 2]


def test_between_other_pairs_nothing_is_in_place() -> None:
    left = net("a = Sin(x) b = Tanh(a) c = Cos(b) y = Sin(c)")
    right = net("a = Sin(x) c = Cos(a) b = Sigmoid(c) y = Sin(b)")
    matching = Matching(left, right)
    for a, b in ((0, 0), (2, 1), (3, 3)):
        matching.pair(a, b)
    pair_in_place(matching)
    assert matching.a.mate[1] == -1
