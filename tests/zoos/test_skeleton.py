"""Weights leave an ONNX file; shapes, small tensors and the network stay."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper, shape_inference

from zoodiff.zoos import _skeleton


def network() -> onnx.ModelProto:
    """Conv (weights above the limit), Reshape to a shape from a Constant node, MatMul with Constant weights."""
    rng = np.random.default_rng(0)
    weight = numpy_helper.from_array(rng.standard_normal((16, 3, 3, 3)).astype(np.float32), "weight")
    bias = numpy_helper.from_array(rng.standard_normal(16).astype(np.float32), "bias")
    long = numpy_helper.from_array(np.arange(200, dtype=np.int64), "long")
    matrix = numpy_helper.from_array(rng.standard_normal((16 * 36, 10)).astype(np.float32))
    nodes = [
        helper.make_node("Conv", ["picture", "weight", "bias"], ["map"]),
        helper.make_node("Constant", [], ["to"], value=numpy_helper.from_array(np.array([1, -1], dtype=np.int64))),
        helper.make_node("Reshape", ["map", "to"], ["flat"]),
        helper.make_node("Constant", [], ["matrix"], value=matrix),
        helper.make_node("MatMul", ["flat", "matrix"], ["answer"]),
    ]
    inputs = [
        helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 3, 8, 8]),
        helper.make_tensor_value_info("weight", TensorProto.FLOAT, [16, 3, 3, 3]),
    ]
    outputs = [helper.make_tensor_value_info("answer", TensorProto.FLOAT, None)]
    return helper.make_model(helper.make_graph(nodes, "g", inputs, outputs, [weight, bias, long]))


def stripped(**keep: object) -> dict[str, TensorProto]:
    graph = onnx.load_from_string(_skeleton.strip(network(), **keep)).graph  # type: ignore[arg-type]
    return {tensor.name: tensor for tensor in graph.initializer}


def test_large_tensors_keep_name_type_and_dims_only() -> None:
    tensors = stripped()
    for name, dims in {"weight": [16, 3, 3, 3], "matrix": [576, 10]}.items():
        assert list(tensors[name].dims) == dims
        assert tensors[name].data_type == TensorProto.FLOAT
        assert not tensors[name].raw_data
        assert not tensors[name].float_data


def test_small_tensors_and_shapes_keep_their_data() -> None:
    before = {tensor.name: numpy_helper.to_array(tensor) for tensor in network().graph.initializer}
    tensors = stripped()
    for name in ("bias", "long"):
        np.testing.assert_array_equal(numpy_helper.to_array(tensors[name]), before[name])
    np.testing.assert_array_equal(numpy_helper.to_array(tensors["to"]), [1, -1])


def test_a_named_weight_loses_its_data_whatever_its_size() -> None:
    assert not stripped(weights=["bias"])["bias"].raw_data


def test_shapes_can_still_be_inferred() -> None:
    """The answer's shape follows from the data of a kept Constant and the dims of a stripped one."""
    model = onnx.load_from_string(_skeleton.strip(network()))
    inferred = shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
    assert [size.dim_value for size in inferred.graph.output[0].type.tensor_type.shape.dim] == [1, 10]


def test_only_pictures_are_inputs() -> None:
    model = onnx.load_from_string(_skeleton.strip(network()))
    assert [value.name for value in model.graph.input] == ["picture"]


def test_weights_inside_a_branch_are_stripped() -> None:
    branch = network().graph
    branch.ClearField("input")
    graph = helper.make_graph(
        [helper.make_node("If", ["which"], ["out"], then_branch=branch, else_branch=branch)],
        "outer",
        [helper.make_tensor_value_info("which", TensorProto.BOOL, [])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, None)],
    )
    model = helper.make_model(graph)
    assert model.ByteSize() > 40_000
    skeleton = _skeleton.strip(model)
    assert len(skeleton) < 8_000
    for attribute in onnx.load_from_string(skeleton).graph.node[0].attribute:
        assert [list(one.dims) for one in attribute.g.initializer if one.name == "matrix"] == [[576, 10]]


def test_the_same_model_gives_the_same_bytes() -> None:
    assert _skeleton.strip(network()) == _skeleton.strip(network())
