"""From a graph to steps: what is none, what is set apart, and costs that add up to what `measure` counts."""

from __future__ import annotations

import pytest

from networks import network
from zoodiff.measuring.count import count
from zoodiff.readers.onnx import from_proto
from zoodiff.reading.reference import find
from zoodiff.reducing.reduce import build

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


def test_a_gather_that_takes_all_only_moves_data() -> None:
    """Another order of the channels is movement; fewer of them is an operator."""
    head = "net (float[1,3,8,8] x) => (float[] y) { a = Conv (x, w)"
    indices = "i = Constant <value = int64[4] {3,2,1,0}> () g = Gather <axis = 1> (a, i)"
    whole = build(from_proto(network(f"{head} {indices} y = Relu (g) }}", w=(4, 3, 3, 3)), "net"))
    assert [step.op for step in whole.steps] == ["Conv", "Relu"]
    part = build(from_proto(network(f"{head} {indices} y = Relu (g) }}", w=(8, 3, 3, 3)), "net"))
    assert [step.op for step in part.steps] == ["Conv", "Gather", "Relu"]


def test_a_step_is_read_at_its_places() -> None:
    """Of a sum they are one: the order of addition is free."""
    text = "net (float[1,3,8,8] x) => (float[] y) { a = Relu (x) b = Sigmoid (a) s = Add (b, a) y = Sub (a, s) }"
    net = build(from_proto(network(text), "net"))
    readers = {step.name: [(net.steps[at].name, place) for at, place in step.readers] for step in net.steps}
    assert readers == {"a": [("b", 0), ("s", 0), ("y", 0)], "b": [("s", 0)], "s": [("y", 1)], "y": []}


@pytest.mark.parametrize(
    "ref", ["torchvision:densenet121", "keras:MobileNetV3Small", "tfmg:nasnet_mobile", "torchvision:swin_t"]
)
def test_the_steps_cost_what_the_file_costs(ref: str) -> None:
    """Every operator of the file is charged to one step, or to none and is said so."""
    graph = find(ref).graph()
    net, counts = build(graph), count(graph)
    assert net.macs == counts.macs.value
    assert net.params == counts.params.value
    assert net.unplaced.macs == 0
