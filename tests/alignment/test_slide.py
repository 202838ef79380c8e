"""Sliding: what came in among its like is told from where a block starts to where it ends."""

from __future__ import annotations

import pytest

from networks import network
from zoodiff.alignment.matching import Matching
from zoodiff.alignment.slide import slide
from zoodiff.reading.reference import find
from zoodiff.reducing.net import Net
from zoodiff.reducing.reduce import build

STEPS = 3


def blocks(number: int) -> Net:
    """A step, and residual blocks of three steps after it."""
    block = "c~ = Conv(h~, w) r~ = Sin(c~) n~ = Add(r~, h~)"
    text = " ".join(block.replace("n~", f"h{at + 1}").replace("~", str(at)) for at in range(number))
    text = f"net (float[1,4,8,8] x) => (float[] h{number}) {{ h0 = Sigmoid(x) {text} }}"
    return build(find(network(text, w=(4, 4, 1, 1))).graph())


def with_gap(first: int) -> Matching:
    """Two blocks against three: of the right network's steps, three from some place on have no partner."""
    matching = Matching(blocks(2), blocks(3))
    free = range(first, first + STEPS)
    for a, b in enumerate(at for at in range(len(matching.b.steps)) if at not in free):
        matching.pair(a, b)
    return matching


@pytest.mark.parametrize("first", range(1, 8))
def test_what_is_alone_begins_with_a_block(first: int) -> None:
    matching = with_gap(first)
    slide(matching.b, matching.a)
    alone = [at for at, mate in enumerate(matching.b.mate) if mate < 0]
    assert [matching.b.steps[at].op for at in alone] == ["Conv", "Sin", "Add"]
    assert alone[0] - first in (-2, -1, 0, 1, 2)
    for a, b in enumerate(matching.a.mate):
        assert matching.b.mate[b] == a
        assert matching.a.steps[a].op == matching.b.steps[b].op


def test_it_goes_up_where_what_is_below_is_settled() -> None:
    matching = with_gap(3)
    matching.b.settled[6:] = [True] * len(matching.b.settled[6:])
    slide(matching.b, matching.a)
    assert [at for at, mate in enumerate(matching.b.mate) if mate < 0] == [1, 2, 3]


def test_pairs_that_are_settled_stay() -> None:
    matching = with_gap(2)
    before = list(matching.b.mate)
    matching.b.settled = [True] * len(before)
    slide(matching.b, matching.a)
    assert matching.b.mate == before


def test_nothing_moves_where_nothing_is_alone() -> None:
    matching = with_gap(3)
    before = list(matching.a.mate)
    slide(matching.a, matching.b)
    assert matching.a.mate == before
