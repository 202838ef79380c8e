"""A matching: what it answers about pairs follows from the pairs that were made."""

from __future__ import annotations

from networks import network
from zoodiff.alignment.labels import TIERS
from zoodiff.alignment.matching import Matching
from zoodiff.reading.reference import find
from zoodiff.reducing.net import Net
from zoodiff.reducing.reduce import build


def net(text: str, **weights: tuple[int, ...]) -> Net:
    return build(find(network(f"net (float[1,4,8,8] x) => (float[] y) {{ {text} }}", **weights)).graph())


CHAIN = "a = Conv(x, w) b = Relu(a) y = Conv(b, w)"


def test_it_is_over_when_one_network_has_no_step_left() -> None:
    matching = Matching(net(CHAIN, w=(4, 4, 1, 1)), net("y = Relu(x)"))
    assert not matching.over
    matching.pair(1, 0)
    assert matching.over
    assert matching.a.mate == [-1, 0, -1]
    assert matching.b.mate == [1]


def test_neighbours_above_and_below_count_alike() -> None:
    matching = Matching(*[net(CHAIN, w=(4, 4, 1, 1))] * 2)
    assert [matching.agreement(at, at) for at in range(3)] == [1, 0, 0]  # the first reads the network's input
    matching.pair(0, 0)
    matching.pair(2, 2)
    assert [matching.agreement(at, at) for at in range(3)] == [1, 2, 0]
    matching.pair(1, 1)
    assert [matching.agreement(at, at) for at in range(3)] == [2, 2, 1]


def test_steps_are_alike_by_tiers_width_and_size() -> None:
    plain, wide = net("y = Conv(x, w)", w=(4, 4, 1, 1)), net("y = Conv(x, w)", w=(5, 4, 1, 1))
    strided = net("y = Conv<strides = [2, 2]>(x, w)", w=(4, 4, 1, 1))
    assert Matching(plain, plain).alike(0, 0) == TIERS + 2
    assert Matching(plain, wide).alike(0, 0) == TIERS - 1 + 1  # not the exact one; as large
    assert Matching(plain, strided).alike(0, 0) == 2 + 1  # the last two; as wide
    assert Matching(plain, net("y = Relu(x)")).alike(0, 0) == 2  # nothing but as wide and as large
