"""What the TensorFlow zoos share, without TensorFlow: folding, dropping and naming against numpy and onnxruntime."""

from __future__ import annotations

import random
from typing import Any
from unittest.mock import Mock

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from zoodiff.zoos import _tensorflow


def graph(
    nodes: list[Any], constants: dict[str, Any], inputs: dict[str, tuple[int, ...]], output: str, shape: Any = None
) -> Any:
    return helper.make_graph(
        nodes,
        "test",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in inputs.items()],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, shape)],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )


def run(found: Any, feeds: dict[str, Any]) -> Any:
    model = helper.make_model(found, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return onnxruntime.InferenceSession(model.SerializeToString()).run(None, feeds)[0]


REARRANGEMENTS = [
    ("Transpose", {"perm": [3, 2, 0, 1]}, None, (2, 3, 4, 5)),
    ("Transpose", {}, None, (2, 3, 4)),
    ("Reshape", {}, [0, -1, 2], (3, 4, 6)),
    ("Reshape", {}, [-1], (3, 4)),
    ("Squeeze", {}, [0, -1], (1, 3, 1)),
    ("Squeeze", {}, None, (1, 3, 1)),
    ("Unsqueeze", {}, [0, 3], (2, 3)),
    ("Unsqueeze", {}, [-1], (2, 3)),
    ("Identity", {}, None, (2, 3)),
]


@pytest.mark.parametrize(("op", "attributes", "operand", "shape"), REARRANGEMENTS)
def test_folding_a_weight_is_what_onnxruntime_computes(op: str, attributes: Any, operand: Any, shape: Any) -> None:
    nodes = [
        helper.make_node(op, ["w"] if operand is None else ["w", "operand"], ["folded"], **attributes),
        helper.make_node("Neg", ["folded"], ["out"]),
    ]
    constants = {} if operand is None else {"operand": np.array(operand, np.int64)}
    weight = np.random.default_rng(0).random(shape, dtype=np.float32)
    expected = run(graph(nodes, constants, {"w": shape}, "out"), {"w": weight})

    found = graph(nodes, constants, {"w": shape}, "out")
    folded = _tensorflow.fold(found, {"w": weight})

    assert [node.op_type for node in found.node] == ["Neg"]
    assert not found.input
    assert not found.initializer
    ((name, (source, array)),) = folded.items()
    assert source == "w"
    assert name == found.node[0].input[0]
    np.testing.assert_array_equal(-array, expected)


@pytest.mark.parametrize(("op", "attributes", "operand", "shape"), REARRANGEMENTS)
def test_dimensions_fold_without_memory(op: str, attributes: Any, operand: Any, shape: Any) -> None:
    node = helper.make_node(op, ["w"] if operand is None else ["w", "operand"], ["folded"], **attributes)
    constants = {"operand": numpy_helper.from_array(np.array(operand or [], np.int64))}
    bare = np.broadcast_to(np.zeros((), np.float32), shape)
    result = _tensorflow.rearranged(node, bare, constants)
    assert result.shape == _tensorflow.rearranged(node, np.ones(shape, np.float32), constants).shape
    assert set(result.strides) <= {0}


def test_one_weight_rearranged_twice_alike_stays_one_weight() -> None:
    nodes = [
        helper.make_node("Transpose", ["w"], ["a"], perm=[1, 0]),
        helper.make_node("Transpose", ["w"], ["b"], perm=[1, 0]),
        helper.make_node("Add", ["a", "b"], ["out"]),
    ]
    found = graph(nodes, {}, {"w": (2, 3)}, "out")
    folded = _tensorflow.fold(found, {"w": np.ones((2, 3), np.float32)})
    assert list(folded) == ["a"]
    assert list(found.node[0].input) == ["a", "a"]


def test_what_is_no_rearrangement_stays() -> None:
    nodes = [helper.make_node("Sqrt", ["w"], ["a"]), helper.make_node("Mul", ["x", "a"], ["out"])]
    found = graph(nodes, {}, {"x": (3,), "w": (3,)}, "out")
    folded = _tensorflow.fold(found, {"w": np.ones(3, np.float32)})
    assert [node.op_type for node in found.node] == ["Sqrt", "Mul"]
    assert [entry.name for entry in found.input] == ["x"]
    assert list(folded) == ["w"]


def test_only_large_floating_constants_lose_their_data() -> None:
    constants = {
        "kept": np.ones(256, np.float32),
        "large": np.ones(257, np.float32),
        "scalar": np.ones(1, np.float32),
        "integers": np.arange(1000, dtype=np.int64),
    }
    found = graph([], constants, {}, "out")
    assert _tensorflow.drop_large(found) == 256 + 257
    by_name = {tensor.name: tensor for tensor in found.initializer}
    assert list(by_name["large"].dims) == [257]
    assert by_name["large"].ByteSize() < 64
    for name in ("kept", "integers"):
        np.testing.assert_array_equal(numpy_helper.to_array(by_name[name]), constants[name])


def exported(shift: int) -> tuple[Any, dict[str, str], Any]:
    """A small export whose temporary names and order depend on what ran before, as tf2onnx's do."""
    nodes = [
        helper.make_node("Neg", ["net/a:0"], ["net/b:0"]),
        helper.make_node("Relu", ["input:0"], [f"net/a__{shift}:0"]),
        helper.make_node("Add", [f"net/a__{shift}:0", f"var__{shift + 1}:0"], ["net/a:0"]),
    ]
    order = random.Random(shift).sample(nodes, 3)
    found = graph(order, {f"var__{shift + 1}:0": np.ones(3, np.float32)}, {"input:0": (3,)}, "net/b:0", (3,))
    network = _tensorflow.Network(None, "input:0", "net/b:0", {}, Mock())
    return helper.make_model(found), {f"var__{shift + 1}:0": "layer/bias"}, network


def test_names_and_order_do_not_depend_on_what_ran_before() -> None:
    written = set()
    for shift in (2, 57, 923):
        model, names, network = exported(shift)
        _tensorflow.settle(model, "name", names, network)
        written.add(model.SerializeToString(deterministic=True))
        onnx.checker.check_model(model)
        assert [node.op_type for node in model.graph.node] == ["Relu", "Add", "Neg"]
        assert [tensor.name for tensor in model.graph.initializer] == ["layer/bias"]
        assert (model.graph.input[0].name, model.graph.output[0].name) == ("input", "output")
    assert len(written) == 1


def test_random_weights_keep_the_size_of_signals_and_variances_positive() -> None:
    kernel, depthwise = np.zeros((3, 3, 16, 64), np.float32), np.zeros((3, 3, 256, 1), np.float32)
    assert _tensorflow.weight("conv/kernel", kernel, 2.0).std() == pytest.approx((2 / 144) ** 0.5, rel=0.05)
    assert _tensorflow.weight("depthwise_kernel", depthwise, 2.0).std() == pytest.approx((2 / 9) ** 0.5, rel=0.05)
    vector = np.ones(64, np.float32)
    for name in ("bn/moving_variance", "bn/gamma"):
        assert 0.5 <= _tensorflow.weight(name, vector, 2.0).min() < 0.6
    shift = _tensorflow.weight("bn/beta", vector, 2.0)
    assert shift.min() < 0 < shift.max()
    assert shift.dtype == vector.dtype
    assert np.array_equal(shift, _tensorflow.weight("bn/beta", vector, 4.0))
    counter = np.zeros((), np.int64)
    assert _tensorflow.weight("count", counter, 2.0) is counter


@pytest.mark.parametrize(
    ("name", "shape", "inputs"),
    [
        ("block1a_dwconv/kernel", (3, 3, 512, 1), 9),
        ("expanded_conv_depthwise/kernel", (3, 3, 512, 1), 9),
        ("conv/depthwise_weights", (7, 7, 3, 8), 49),
        ("depthwise_separable_conv_block/conv2d/kernel", (1, 1, 64, 128), 64),
    ],
)
def test_depthwise_kernels_are_known_by_their_own_name_or_by_their_shape(
    name: str, shape: tuple[int, ...], inputs: int
) -> None:
    found = _tensorflow.weight(name, np.zeros(shape, np.float32), 2.0)
    assert found.std() == pytest.approx((2 / inputs) ** 0.5, rel=0.06)


def test_operators_that_only_compute_with_shapes_become_their_results() -> None:
    """The chain that an Einsum leaves: the weight's target shape is computed from another tensor's shape."""
    nodes = [
        helper.make_node("Transpose", ["w"], ["t"], perm=[1, 0, 2]),
        helper.make_node("Shape", ["t"], ["shape"]),
        helper.make_node("Slice", ["shape", "zero", "one"], ["head"]),
        helper.make_node("Concat", ["head", "rest"], ["target"], axis=0),
        helper.make_node("Reshape", ["t", "target"], ["flat"]),
        helper.make_node("MatMul", ["x", "flat"], ["out"]),
    ]
    constants = {name: np.array([value], np.int64) for name, value in (("zero", 0), ("one", 1), ("rest", -1))}
    inputs = {"x": (5, 3), "w": (2, 3, 4)}
    generator = np.random.default_rng(0)
    feeds = {name: generator.random(shape, dtype=np.float32) for name, shape in inputs.items()}
    expected = run(graph(nodes, constants, inputs, "out", (5, 8)), feeds)

    model = helper.make_model(
        graph(nodes, constants, inputs, "out", (5, 8)), opset_imports=[helper.make_opsetid("", 17)]
    )
    _tensorflow.settle_shapes(model)
    folded = _tensorflow.fold(model.graph, {"w": feeds["w"]})

    assert [node.op_type for node in model.graph.node] == ["MatMul"]
    ((source, weight),) = folded.values()
    assert source == "w"
    np.testing.assert_allclose(feeds["x"] @ weight, expected, rtol=1e-6)


def test_ordered_sets_are_sets_that_keep_the_order() -> None:
    found = _tensorflow.Ordered(["b", "a", "b"])
    found.add("c")
    found.add("a")
    found.remove("b")
    found |= {"d"}
    found.update(["e", "a"])
    assert list(found) == ["a", "c", "d", "e"]
    assert list(found.union(["z", "a"], ["y"])) == ["a", "c", "d", "e", "z", "y"]
    assert found.issubset({"a", "c", "d", "e", "f"})
    assert not found.issubset({"a"})
