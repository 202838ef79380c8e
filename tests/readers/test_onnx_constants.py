"""Every way to write a constant; a weight is what its tensor says, whoever else looks like it."""

from __future__ import annotations

import math

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from networks import network
from zoodiff.fault import Refusal
from zoodiff.measuring.count import count
from zoodiff.readers import onnx as reader
from zoodiff.readers._onnx_constants import read_tensors
from zoodiff.reading import schema
from zoodiff.record import Graph


def read(model: onnx.ModelProto, **inputs: tuple[int | None, ...]) -> Graph:
    return reader.from_proto(model, "test", inputs)


CONSTANTS = {
    "value": (numpy_helper.from_array(np.arange(6, dtype=np.int32).reshape(2, 3), "t"), "int32", (2, 3)),
    "value_float": (2.5, "float32", ()),
    "value_floats": ([1.0, 2.0], "float32", (2,)),
    "value_int": (7, "int64", ()),
    "value_ints": ([3, 4, 5], "int64", (3,)),
}


@pytest.mark.parametrize(("kind", "value", "dtype", "shape"), [(k, *v) for k, v in CONSTANTS.items()], ids=CONSTANTS)
def test_constant_nodes_are_constants(kind: str, value: object, dtype: str, shape: tuple[int, ...]) -> None:
    model = network("net (float[1] x) => (float[] y) { y = Relu (x) }")
    model.graph.node.insert(0, helper.make_node("Constant", [], ["c"], **{kind: value}))
    model.graph.node.append(helper.make_node("Cast", ["c"], ["z"], to=1))
    constant = read(model).constants["c"]
    assert (constant.dtype, constant.shape) == (dtype, shape)
    assert constant.data is not None
    expected = numpy_helper.to_array(value) if isinstance(value, TensorProto) else np.array(value)
    np.testing.assert_array_equal(constant.data, expected)


def sparse(name: str) -> onnx.SparseTensorProto:
    """A 100 x 100 matrix with three values."""
    values = helper.make_tensor(name, TensorProto.FLOAT, (3,), [1.0, 2.0, 3.0])
    indices = helper.make_tensor("", TensorProto.INT64, (3,), [0, 150, 9999])
    return helper.make_sparse_tensor(values, indices, (100, 100))


def test_sparse_tensors_have_the_shape_of_what_they_stand_for() -> None:
    model = network("net (float[5,100] x) => (float[] y) { y = MatMul (x, s) }")
    model.graph.sparse_initializer.append(sparse("s"))
    graph = read(model)
    assert (graph.constants["s"].dtype, graph.constants["s"].shape) == ("float32", (100, 100))
    node = network("net (float[5,100] x) => (float[] y) { y = MatMul (x, s) }")
    node.graph.node.insert(0, helper.make_node("Constant", [], ["s"], sparse_value=sparse("")))
    assert read(node).constants["s"].shape == (100, 100)


def test_weights_by_constant_of_shape() -> None:
    model = network("""net (float[1,3,8,8] x) => (float[] y) {
        s = Constant <value_ints=[64,3,3,3]> ()
        w = ConstantOfShape (s)
        y = Conv (x, w)
    }""")
    graph = read(model)
    assert [node.op for node in graph.nodes] == ["Conv"]
    assert graph.constants["w"].shape == (64, 3, 3, 3)
    assert count(graph).params.value == 64 * 27


def test_dimensions_below_zero() -> None:
    with pytest.raises(Refusal, match="'w' has a negative dimension: -4"):
        reader.from_proto(network("net (float[1,3,8,8] x) => (float[] y) { y = Conv(x, w) }", w=(-4, 3, 3, 3)), "f")
    text = "net (float[1] x) => (float[] y) { s = Constant<value=int64[1]{-5}>() c = ConstantOfShape(s) y = Add(x, c) }"
    graph = reader.from_proto(network(text), "f")
    assert all(d is None or d >= 0 for value in graph.values.values() for d in value.shape or ())


@given(
    st.text(max_size=140).filter(lambda name: name != "y"),
    st.lists(st.integers(0, 300), max_size=4) | st.lists(st.integers(1, 1 << 40), max_size=4),
    st.sampled_from([TensorProto.FLOAT, TensorProto.INT64, TensorProto.BFLOAT16]),
    st.sampled_from(["", "data", "external", "doc", "named twice"]),
)
def test_a_weight_is_what_its_tensor_says(name: str, dims: list[int], kind: int, more: str) -> None:
    tensor = TensorProto(name=name, dims=dims, data_type=kind)
    if more == "data":
        tensor.ClearField("dims")
        tensor.dims.append(1)
        tensor.raw_data = b"\1" * {TensorProto.INT64: 8, TensorProto.BFLOAT16: 2}.get(kind, 4)
    elif more == "external":
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value="B\x03abc")
    elif more == "doc":
        tensor.doc_string = "B\x03abc"
    parsed = onnx.ModelProto()
    parsed.graph.initializer.append(tensor)
    (written,) = schema.parse_model(parsed.SerializeToString()).graph.initializer
    if more == "named twice":
        written, name = written + b"\x42\x00", ""  # what comes last holds
    (found,) = read_tensors([written])
    assert (found.name, found.shape) == (name, tuple(tensor.dims))
    assert found.dtype == {TensorProto.FLOAT: "float32", TensorProto.INT64: "int64", 16: "bfloat16"}[kind]
    size = math.prod(tensor.dims)
    assert (found.data is not None) == (more == "data" or (size == 0 and more != "external"))
