"""Functions that a file defines stand where they are called, in all that is counted; not without bounds."""

from __future__ import annotations

import onnx
import pytest
from onnx import TensorProto

from zoodiff.fault import Refusal
from zoodiff.measuring.count import count
from zoodiff.readers import onnx as reader


def test_functions_are_inlined() -> None:
    model = onnx.parser.parse_model("""
        <ir_version: 8, opset_import: ["" : 17, "own" : 1]>
        net (float[1,3,8,8] x) => (float[] y) { a = own.Twice (x, w) y = own.Twice (a, w) }
        <domain: "own", opset_import: ["" : 17, "own" : 1]>
        Once (p, k) => (q) { c = Conv <pads=[1,1,1,1]> (p, k) q = Relu (c) }
        <domain: "own", opset_import: ["" : 17, "own" : 1]>
        Twice (p, k) => (q) { m = own.Once (p, k) q = own.Once (m, k) }
    """)
    model.graph.initializer.append(TensorProto(name="w", data_type=1, dims=(3, 3, 3, 3)))
    graph = reader.from_proto(model, "f")
    assert [node.op for node in graph.nodes] == ["Conv", "Relu"] * 4
    assert graph.shape("y") == (1, 3, 8, 8)
    counts = count(graph)
    assert (counts.macs.value, counts.params.value) == (4 * 3 * 64 * 27, 81)


def test_functions_in_a_circle_are_refused() -> None:
    model = onnx.parser.parse_model("""
        <ir_version: 8, opset_import: ["" : 17, "own" : 1]>
        net (float[1] x) => (float[] y) { y = own.A (x) }
        <domain: "own", opset_import: ["" : 17, "own" : 1]> A (p) => (q) { q = own.B (p) }
        <domain: "own", opset_import: ["" : 17, "own" : 1]> B (p) => (q) { q = own.A (p) }
    """)
    with pytest.raises(Refusal):
        reader.from_proto(model, "f")


def doubling(levels: int) -> onnx.ModelProto:
    """Functions that call the one before twice: 2 to the power of `levels` operators."""
    opsets = [onnx.helper.make_opsetid("", 17), onnx.helper.make_opsetid("own", 1)]
    call = onnx.helper.make_node
    functions = [onnx.helper.make_function("own", "F0", ["a"], ["b"], [call("Relu", ["a"], ["b"])], opsets)]
    for level in range(1, levels + 1):
        before = f"F{level - 1}"
        body = [call(before, ["a"], ["t"], domain="own"), call(before, ["t"], ["b"], domain="own")]
        functions.append(onnx.helper.make_function("own", f"F{level}", ["a"], ["b"], body, opsets))
    x, y = (onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1]) for name in "xy")
    graph = onnx.helper.make_graph([call(f"F{levels}", ["x"], ["y"], domain="own")], "net", [x], [y])
    return onnx.helper.make_model(graph, functions=functions, opset_imports=opsets, ir_version=8)


def test_functions_that_multiply_are_counted_before_they_are_inlined() -> None:
    assert len(reader.from_proto(doubling(5), "f").nodes) == 32
    with pytest.raises(Refusal, match="has 1,073,741,824 operators"):
        reader.from_proto(doubling(30), "f")
