"""What moves is one cause: a stride from a layer to a near one, a pooling from one place to another."""

from __future__ import annotations

import pytest

from networks import network
from zoodiff.attribution.moved import NEAR, moved_pools, moved_strides
from zoodiff.attribution.root import Root
from zoodiff.readers.onnx import from_proto
from zoodiff.reducing.net import Net, Step
from zoodiff.reducing.reduce import build

LONG = 2 * NEAR


def net(strided: int = -1) -> Net:
    """A chain of convolutions of 1x1, one of which has a stride of 2."""
    steps = [
        f"h{at + 1} = Conv <strides = {[2, 2] if at == strided else [1, 1]}> (h{at}, {'w' if at else 'v'})"
        for at in range(LONG)
    ]
    text = f"net (float[1,3,16,16] h0) => (float[] h{LONG}) {{ {' '.join(steps)} }}"
    return build(from_proto(network(text, v=(8, 3, 1, 1), w=(8, 8, 1, 1)), "net"))


def stride(left: Net, right: Net, at: int) -> Root:
    values = (list(side.steps[at].stated["strides"]) for side in (left, right))
    return Root("changed", "Conv", "strides", *values, [left.steps[at]], [right.steps[at]])


@pytest.mark.parametrize(("to", "many"), [(2, 1), (1 + NEAR, 1), (2 + NEAR, 2)])
def test_a_stride_that_moves_near_is_one_cause(to: int, many: int) -> None:
    left, right = net(1), net(to)
    found = moved_strides([stride(left, right, 1), stride(left, right, to)], left, right)
    assert [len(root.mine) for root in found] == [2] if many == 1 else [1, 1]
    assert sum(len(root.mine) for root in found) == sum(len(root.theirs) for root in found) == 2


def test_strides_that_come_at_two_layers_do_not_move() -> None:
    left, right = net(), net(1)
    found = [stride(left, right, 1), stride(left, right, 1)]
    assert moved_strides(list(found), left, right) == found


def pool(kernel: int) -> Step:
    text = f"net (float[1,3,16,16] x) => (float[] y) {{ y = MaxPool <kernel_shape = [{kernel},{kernel}]> (x) }}"
    return build(from_proto(network(text), "net")).steps[0]


def test_a_pooling_that_goes_and_comes_is_rewired() -> None:
    gone = Root("missing", "MaxPool", "layer", "MaxPool", None, [pool(2)])
    other = Root("added", "MaxPool", "layer", None, "MaxPool", [], [pool(3)])
    come = Root("added", "MaxPool", "layer", None, "MaxPool", [], [pool(2)])
    assert moved_pools([gone, other, come]) == [gone, other]
    assert (gone.kind, gone.what, gone.theirs) == ("rewired", "wiring", come.theirs)
    assert other.kind == "added"
