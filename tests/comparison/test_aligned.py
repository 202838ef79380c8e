"""Steps with the numbers of their differences: those of a changed layer, and of what reads it."""

from __future__ import annotations

import onnx

from networks import network
from zoodiff.alignment.align import align
from zoodiff.attribution.root import Root
from zoodiff.comparison.aligned import mark
from zoodiff.readers.onnx import from_proto
from zoodiff.reducing.net import Net
from zoodiff.reducing.reduce import build


def net(size: int = 16) -> Net:
    text = f"net (float[1,3,{size},{size}] x) => (float[] y) {{ a = Conv (x, v) b = Relu (a) y = Conv (b, w) }}"
    model: onnx.ModelProto = network(text, v=(8, 3, 3, 3), w=(8, 8, 3, 3))
    return build(from_proto(model, "chain"))


def test_a_step_has_the_numbers_of_its_differences_and_of_what_it_follows_from() -> None:
    left, right = net(), net()
    wider = Root("changed", "Conv", "out_channels", 8, 9, [left.steps[0]], [right.steps[0]])
    wider.charge("in_channels", right.steps[2], 10, 1, own=False)
    gone = Root("missing", "Activation", "layer", "Relu", None, [left.steps[1]], companions=[left.steps[0]])
    found = mark(left, left, right, align(left, right), [[wider], [gone]])
    assert found.causes == {left.steps[0]: [1, 2], right.steps[0]: [1], left.steps[1]: [2]}
    assert found.follows == {right.steps[2]: [1]}


def test_what_was_moved_to_the_other_s_input_is_shown_as_it_was() -> None:
    before, moved, right = net(16), net(24), net(24)
    root = Root("changed", "Conv", "strides", [1, 1], [2, 2], [moved.steps[2]], [right.steps[2]])
    found = mark(before, moved, right, align(moved, right), [[root]])
    assert found.left is before
    assert found.causes == {before.steps[2]: [1], right.steps[2]: [1]}
