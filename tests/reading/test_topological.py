"""Operators come into an order in which they can run; what never can is refused by name."""

from __future__ import annotations

import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import helper

from networks import network
from zoodiff.fault import Refusal
from zoodiff.readers import onnx as reader
from zoodiff.reading import topological
from zoodiff.record import Graph, Node


def read(model: onnx.ModelProto, **inputs: tuple[int | None, ...]) -> Graph:
    return reader.from_proto(model, "test", inputs)


def test_unsorted_nodes_are_sorted() -> None:
    model = network(
        "net (float[1,3,8,8] x) => (float[] y) { a = Conv (x, w) b = Relu (a) y = Sigmoid (b) }", w=(4, 3, 3, 3)
    )
    whole = read(model)
    nodes = [onnx.NodeProto.FromString(node.SerializeToString()) for node in model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(reversed(nodes))
    assert read(model) == whole


def test_circles_are_refused_by_name() -> None:
    model = network("net (float[1] x) => (float[] y) { y = Relu (x) }")
    model.graph.node.append(helper.make_node("Add", ["x", "b"], ["a"]))
    model.graph.node.append(helper.make_node("Mul", ["a", "x"], ["b"]))
    with pytest.raises(Refusal, match="circle of operators: Add 'a', Mul 'b'") as caught:
        read(model)
    assert "Relu" not in caught.value.message


def test_what_nothing_produces_is_refused_by_name() -> None:
    model = network("net (float[1] x) => (float[] y) { y = Add (x, ghost) }")
    with pytest.raises(Refusal, match="Add 'y' reads 'ghost', which nothing produces"):
        read(model)


@given(st.permutations(range(8)), st.data())
def test_any_order_of_operators_becomes_one_that_runs(places: list[int], data: st.DataObject) -> None:
    """Each operator reads some of those before it; then they are shuffled."""
    made = ["x"]
    nodes = []
    for number in range(8):
        inputs = data.draw(st.lists(st.sampled_from(made), min_size=1, max_size=3))
        nodes.append(Node("Sum", tuple(inputs), (f"t{number}",), {}))
        made.append(f"t{number}")
    shuffled = [nodes[place] for place in places]
    reads = [node.inputs for node in shuffled]
    order = topological.order(shuffled, reads, {"x"}, "f", str)
    assert sorted(order) == list(range(8))
    assert topological.in_order([shuffled[at] for at in order], [reads[at] for at in order], {"x"})
    assert not topological.in_order(shuffled, reads, {"x"}) or order == list(range(8))


def test_what_a_subgraph_reads_from_outside_is_read_by_its_operator() -> None:
    model = network("""net (float[1] x, bool flag) => (float[] y) {
        a = Relu (x)
        y = If (flag) <
            then_branch = then () => (float[1] t) { p = Neg (a) t = Add (p, x) },
            else_branch = other () => (float[1] e) { e = Relu (x) }
        >
    }""")
    *_, branching = read(model).nodes
    assert set(topological.read_by(branching)) == {"flag", "a", "x"}
