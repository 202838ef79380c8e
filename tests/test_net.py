"""Steps: what is compared of a graph, with costs that add up to what `measure` counts."""

from __future__ import annotations

import pytest

from networks import network
from zoodiff.count import count
from zoodiff.net import build, channels_first
from zoodiff.readers.onnx import from_proto
from zoodiff.reference import find

CHAIN = """net (float[1,3,9,9] x) => (float[] y) {
  c = Conv <pads = [1,1,1,1], strides = [2,2]> (x, w) r = Relu (c) f = Flatten (r) g = Gemm (f, v) y = Softmax (g) }"""


def test_movement_and_the_last_softmax_are_no_steps() -> None:
    net = build(from_proto(network(CHAIN, w=(4, 3, 3, 3), v=(100, 10)), "chain"))
    assert [step.op for step in net.steps] == ["Conv", "Relu", "Gemm"]
    assert [step.op for step in net.head] == ["Softmax"]
    assert [step.inputs for step in net.steps] == [((-1, 0),), ((0, 0),), ((1, 0),)]


def test_arithmetic_on_the_input_is_preprocessing() -> None:
    text = "net (float[1,3,8,8] x) => (float[] y) { s = Sub (x, m) d = Div (s, n) y = Conv (d, w) }"
    net = build(from_proto(network(text, m=(3, 1, 1), n=(3, 1, 1), w=(4, 3, 3, 3)), "net"))
    assert [step.op for step in net.preprocessing] == ["Sub", "Div"]
    assert [step.op for step in net.steps] == ["Conv"]
    assert sum(step.params for step in net.preprocessing) == 6


@pytest.mark.parametrize(
    ("size", "pads", "effective"),
    [(8, (1, 1, 1, 1), (1, 1, 0, 0)), (9, (1, 1, 1, 1), (1, 1, 1, 1)), (8, (0, 0, 1, 1), (0, 0, 1, 1))],
)
def test_padding_that_no_window_reaches_is_none(size: int, pads: tuple[int, ...], effective: tuple[int, ...]) -> None:
    """A 3x3 window of stride 2 on 8 pixels with one pixel of padding before them never reaches the end's padding."""
    text = (
        f"net (float[1,3,{size},{size}] x) => (float[] y) {{ y = Conv <pads = {list(pads)}, strides = [2,2]> (x, w) }}"
    )
    step = build(from_proto(network(text, w=(4, 3, 3, 3)), "net")).steps[0]
    assert step.stated["pads"] == pads
    assert step.attributes["pads"] == effective


def test_an_image_is_told_with_its_channels_first() -> None:
    assert channels_first((1, 224, 224, 3)) == (1, 3, 224, 224)
    assert channels_first((1, 3, 224, 224)) == (1, 3, 224, 224)
    assert channels_first((1, 80)) == (1, 80)


@pytest.mark.parametrize(
    "ref", ["torchvision:densenet121", "keras:MobileNetV3Small", "tfmg:nasnet_mobile", "torchvision:swin_t"]
)
def test_the_steps_cost_what_the_file_costs(ref: str) -> None:
    """Every operator of the file is charged to one step, or to none and is said so."""
    graph = find(ref).graph()
    net, counts = build(graph), count(graph)
    steps = net.steps + net.preprocessing + net.head
    assert sum(step.macs for step in steps) + net.unplaced.macs == counts.macs.value
    assert sum(step.params for step in steps) + net.unplaced.params == counts.params.value
    assert net.unplaced.macs == 0
