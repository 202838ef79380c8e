"""Repair: crossed pairs of like steps come right, and the number of neighbours that agree never falls."""

from __future__ import annotations

import random

import pytest

from networks import network
from zoodiff.alignment.matching import Matching
from zoodiff.alignment.repair import part, repair
from zoodiff.reading.reference import find
from zoodiff.reducing.net import Net
from zoodiff.reducing.reduce import build


def net(text: str, **weights: tuple[int, ...]) -> Net:
    return build(find(network(f"net (float[1,4,8,8] x) => (float[] y) {{ {text} }}", **weights)).graph())


CHAIN = net("a = Conv(x, w) b = Sin(a) c = Conv(b, w) d = Cos(c) e = Conv(d, w) y = Tanh(e)", w=(4, 4, 1, 1))


def agreement(matching: Matching) -> int:
    return sum(matching.agreement(a, b) for a, b in enumerate(matching.a.mate) if b >= 0)


@pytest.mark.parametrize("crossed", [(0, 2), (2, 4), (0, 4)])
def test_two_pairs_exchange_partners(crossed: tuple[int, int]) -> None:
    matching = Matching(CHAIN, CHAIN)
    for at in range(6):
        matching.pair(at, at)
    one, other = crossed
    matching.pair(one, other)
    matching.pair(other, one)
    repair(matching)
    assert matching.a.mate == list(range(6)) == matching.b.mate


def test_settled_pairs_keep_their_partners() -> None:
    matching = Matching(CHAIN, CHAIN)
    crossed = [2, 1, 0, 3, 4, 5]
    for a, b in enumerate(crossed):
        matching.pair(a, b)
    for side in (matching.a, matching.b):
        side.settled = [True] * 6
    repair(matching)
    assert matching.a.mate == crossed


def test_a_step_without_a_partner_takes_one_that_fits_it_better() -> None:
    """The last convolution has the partner of the middle one, which has none."""
    matching = Matching(CHAIN, CHAIN)
    for a, b in ((0, 0), (1, 1), (4, 2), (3, 3)):
        matching.pair(a, b)
    repair(matching)
    assert matching.a.mate[2] == 2
    assert matching.a.mate[4] == -1
    assert matching.b.mate[2] == 2


@pytest.mark.parametrize("seed", range(8))
def test_agreement_never_falls(seed: int) -> None:
    block = "c~ = Conv(h~, w) r~ = Sin(c~) n~ = Add(h~, r~)"
    text = " ".join(block.replace("n~", f"h{at + 1}").replace("~", str(at)) for at in range(4))
    one = net(f"h0 = Sigmoid(x) {text} y = Tanh(h4)", w=(4, 4, 1, 1))
    matching = Matching(one, one)
    for op in ("Conv", "Sin", "Add"):
        mine = [step.index for step in one.steps if step.op == op]
        for a, b in zip(mine, random.Random(seed).sample(mine, len(mine)), strict=True):
            matching.pair(a, b)
    before = agreement(matching)
    repair(matching)
    assert agreement(matching) >= before
    for a, b in enumerate(matching.a.mate):
        assert b < 0 or (one.steps[a].op == one.steps[b].op and matching.b.mate[b] == a)


def test_pairs_part_where_neither_operator_nor_neighbour_agrees() -> None:
    matching = Matching(CHAIN, CHAIN)
    matching.pair(1, 3)  # Sin and Cos
    matching.pair(0, 4)  # convolutions, whose neighbours are others
    part(matching)
    assert matching.a.mate == [4, -1, -1, -1, -1, -1]
    matching.pair(2, 2)
    matching.pair(3, 1)  # Cos and Sin again, but beside a pair: the one reads what the other is read by
    part(matching)
    assert matching.a.mate[3] == -1
    matching.pair(3, 3)
    part(matching)
    assert matching.a.mate[3] == 3
