"""A network as it is compared: its whole cost by hand, sums that go on, and an image's dimensions in one order."""

from __future__ import annotations

from networks import network
from zoodiff.readers.onnx import from_proto
from zoodiff.reducing.net import Net, added_on, channels_first
from zoodiff.reducing.reduce import build


def net(text: str, **shapes: tuple[int, ...]) -> Net:
    return build(from_proto(network(f"net (float[1,3,9,9] x) => (float[] y) {{ {text} }}", **shapes), "net"))


def test_the_whole_costs_what_all_steps_cost() -> None:
    """By hand: 7 x 7 positions of a 3x3 kernel from 3 to 4 channels, with 4 biases; 3 means before it."""
    found = net("m = Sub (x, u) c = Conv (m, w, b) y = Softmax (c)", u=(3, 1, 1), w=(4, 3, 3, 3), b=(4,))
    assert [step.op for step in found.every] == ["Conv", "Sub", "Softmax"]
    assert (found.macs, found.params) == (49 * 9 * 3 * 4, 9 * 3 * 4 + 4 + 3)


def test_a_sum_goes_on_where_nothing_else_reads_it() -> None:
    more = net("a = Relu (x) b = Tanh (x) c = Elu (x) p = Add (a, b) y = Add (p, c)")
    assert [step.name for step in more.steps if added_on(more, step)] == ["p"]
    twice = net("a = Relu (x) b = Tanh (x) c = Elu (x) p = Add (a, b) q = Add (p, c) y = Mul (q, p)")
    assert not any(added_on(twice, step) for step in twice.steps)


def test_a_depthwise_convolution_is_one_that_learns() -> None:
    found = net("c = Conv <group = 3> (x, w) y = Conv (c, v)", w=(3, 1, 3, 3), v=(8, 3, 1, 1))
    assert [(step.depthwise, step.weighted) for step in found.steps] == [(True, True), (False, True)]


def test_an_image_is_told_with_its_channels_first() -> None:
    assert channels_first((1, 224, 224, 3)) == (1, 3, 224, 224)
    assert channels_first((1, 3, 224, 224)) == (1, 3, 224, 224)
    assert channels_first((1, 80)) == (1, 80)
