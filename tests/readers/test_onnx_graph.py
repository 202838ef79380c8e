"""Operators as the file has them: their attributes are plain values, their subgraphs are graphs with shapes."""

from __future__ import annotations

import onnx
import pytest

from networks import network
from zoodiff.measuring.count import count
from zoodiff.readers import onnx as reader
from zoodiff.record import Graph


def read(model: onnx.ModelProto, **inputs: tuple[int | None, ...]) -> Graph:
    return reader.from_proto(model, "test", inputs)


def test_attributes_are_plain_values() -> None:
    model = network("""net (float[1,3,8,8] x) => (float[] y) {
        a = Conv <strides=[2,2], auto_pad="SAME_UPPER"> (x, w)
        y = LeakyRelu <alpha=0.5> (a)
    }""", w=(4, 3, 3, 3))  # fmt: skip
    conv, leaky = read(model).nodes
    assert conv.attributes == {"strides": (2, 2), "auto_pad": "SAME_UPPER"}
    assert leaky.attributes == {"alpha": 0.5}
    assert conv.domain == ""


def test_if_keeps_both_branches() -> None:
    model = network("""net (float[1,3,8,8] x, bool flag) => (float[] y) {
        y = If (flag) <
            then_branch = then () => (float[1,4,6,6] t) { t = Conv (x, w) },
            else_branch = other () => (float[1,4,6,6] e) { p = Conv (x, w) e = Relu (p) }
        >
    }""", w=(4, 3, 3, 3))  # fmt: skip
    (node,) = read(model).nodes
    branches = [node.attributes["then_branch"], node.attributes["else_branch"]]
    assert [[inner.op for inner in branch.nodes] for branch in branches] == [["Conv"], ["Conv", "Relu"]]


@pytest.mark.parametrize("size", [8, 5, 12])
def test_tensors_inside_a_subgraph_have_shapes_at_any_input_size(size: int) -> None:
    """The file states those of another size, or none: a 3x3 convolution leaves size - 2 positions a side."""
    model = network("""net (float[1,3,8,8] x, bool flag) => (float[] y) {
        y = If (flag) <
            then_branch = then () => (float[1,4,6,6] t) { t = Conv (x, w) },
            else_branch = other () => (float[1,4,6,6] e) <float[1,4,6,6] p> { p = Conv (x, w) e = Identity (p) }
        >
    }""", w=(4, 3, 3, 3))  # fmt: skip
    graph = read(model, x=(1, 3, size, size)) if size != 8 else read(model)
    (node,) = graph.nodes
    positions = (1, 4, size - 2, size - 2)
    assert node.attributes["then_branch"].shape("t") == positions
    assert [node.attributes["else_branch"].shape(name) for name in "pe"] == [positions, positions]
    counts = count(graph)
    assert (counts.complete, counts.macs.value) == (True, 4 * (size - 2) ** 2 * 27)


def test_loop_keeps_its_body() -> None:
    model = network("""net (float[1,8] x, int64 n) => (float[] y) {
        go = Constant <value: tensor = bool {1}> ()
        y = Loop (n, go, x) <body = body (int64 i, bool c, float[1,8] a) => (bool d, float[1,8] b)
            { d = Identity (c) b = MatMul (a, w) }>
    }""", w=(8, 8))  # fmt: skip
    (node,) = read(model).nodes
    assert [inner.op for inner in node.attributes["body"].nodes] == ["Identity", "MatMul"]
