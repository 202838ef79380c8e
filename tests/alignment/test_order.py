"""The canonical order: whatever order a file has, and whatever order an addition's inputs, it is the same."""

from __future__ import annotations

import random

import pytest

from networks import network
from zoodiff.alignment.matching import Matching
from zoodiff.alignment.order import in_depth, put_in_order
from zoodiff.reading.reference import find
from zoodiff.reducing.net import Net
from zoodiff.reducing.reduce import build

OPERATORS = [
    "a = Relu(x)",
    "b = Sigmoid(a) c = Tanh(b) d = Softplus(c)",
    "e = Sin(a) f = Cos(e)",
    "g = Mish(a)",
]


def branches(chance: random.Random) -> Net:
    """Three branches of different length, added up: written in any order."""
    first, *rest = OPERATORS
    chance.shuffle(rest)
    one, other = chance.choice(["d, f", "f, d"]), chance.choice(["h, g", "g, h"])
    text = f"{first} {' '.join(rest)} h = Add({one}) y = Add({other})"
    return build(find(network(f"net (float[1,4] x) => (float[] y) {{ {text} }}")).graph())


@pytest.mark.parametrize("seed", range(6))
def test_every_step_comes_once_and_after_what_it_reads(seed: int) -> None:
    net = branches(random.Random(seed))
    order = in_depth(net, [(at,) for at in range(len(net.steps))])
    assert sorted(order) == list(range(len(net.steps)))
    place = {at: rank for rank, at in enumerate(order)}
    assert all(place[source] < place[at] for at in order for source, _ in net.steps[at].inputs if source >= 0)


@pytest.mark.parametrize("seed", range(6))
def test_the_order_is_that_of_the_network_and_not_of_the_file(seed: int) -> None:
    matching = Matching(branches(random.Random(100)), branches(random.Random(seed)))
    put_in_order(matching)
    left, right = ([side.steps[at].op for at in side.order] for side in (matching.a, matching.b))
    assert left == right
    long = left.index("Sigmoid")
    assert left[long : long + 3] == ["Sigmoid", "Tanh", "Softplus"]  # a branch stays together


def test_steps_that_no_output_needs_come_last() -> None:
    net = branches(random.Random(1))
    above = next(step for step in net.steps if step.op == "Softplus")
    net.outputs[:] = [(above.index, 0)]
    order = [net.steps[at].op for at in in_depth(net, [(at,) for at in range(len(net.steps))])]
    assert order[:4] == ["Relu", "Sigmoid", "Tanh", "Softplus"]
    assert len(order) == len(net.steps)
