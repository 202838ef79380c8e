"""Shapes at any input size are those that onnxruntime really produces; sizes that a network cannot take are refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from networks import LIGHT, network, outputs
from zoodiff.fault import Refusal
from zoodiff.readers import onnx as reader
from zoodiff.reading import schema, shapes, wire
from zoodiff.reading.values import Dims

CASES = {
    "convolution": """net (float[1,3,32,32] x) => (float[] y) {
        c = Conv <strides=[2,2], pads=[1,1,1,1]> (x, w)
        y = Relu (c)
    }""",
    "flatten through its shape": """net (float[N,3,32,32] x) => (float[] y) {
        c = Conv (x, w)
        p = GlobalAveragePool (c)
        s = Shape (p)
        n = Gather <axis=0> (s, zero)
        n1 = Unsqueeze (n, first)
        to = Concat <axis=0> (n1, minus)
        y = Reshape (p, to)
    }""",
    "tokens of a vision transformer": """net (float[N,3,32,32] x) => (float[] y) {
        c = Conv <kernel_shape=[3,3], strides=[3,3]> (x, w)
        s = Shape (c)
        n = Slice (s, first, one1)
        ch = Slice (s, one1, two1)
        side = Slice (s, two1, four1)
        area = ReduceProd <keepdims=1> (side)
        to = Concat <axis=0> (n, ch, area)
        r = Reshape (c, to)
        y = Transpose <perm=[0,2,1]> (r)
    }""",
    "a class token by ConstantOfShape and Expand": """net (float[N,3,32,32] x) => (float[] y) {
        c = Conv <kernel_shape=[3,3], strides=[3,3]> (x, w)
        r = Reshape (c, flat)
        t = Transpose <perm=[0,2,1]> (r)
        s = Shape (t)
        n = Slice (s, first, one1)
        tail = Slice (s, two1, four1)
        to = Concat <axis=0> (n, one1, tail)
        blank = ConstantOfShape <value: tensor = float[1] {0.5}> (to)
        token = Expand (half, to)
        both = Add (blank, token)
        y = Concat <axis=1> (both, t)
    }""",
    "attention by Einsum": """net (float[1,4,6,8] x) => (float[] y) {
        a = Einsum <equation="bhid,bhjd->bhij"> (x, x)
        p = Softmax (a)
        y = Einsum <equation="bhij,bhjd->bhid"> (p, x)
    }""",
    "split and window partition": """net (float[1,8,8,6] x) => (float[] y) {
        a, b = Split <axis=3> (x)
        s = Shape (a)
        h = Gather (s, one)
        w2 = Div (h, two)
        wu = Unsqueeze (w2, first)
        to = Concat <axis=0> (one1, two1, wu, two1, wu, minus)
        r = Reshape (a, to)
        y = Transpose <perm=[0,1,3,2,4,5]> (r)
    }""",
    "resize by sizes computed": """net (float[1,2,5,7] x) => (float[] y) {
        s = Shape <start=2> (x)
        t = Mul (s, two)
        head = Shape <start=0, end=2> (x)
        to = Concat <axis=0> (head, t)
        y = Resize <mode="nearest"> (x, , , to)
    }""",
    "pad by amounts computed": """net (float[1,2,5,7] x) => (float[] y) {
        s = Shape (x)
        half = Div (s, two)
        none = Sub (s, s)
        pads = Concat <axis=0> (none, half)
        y = Pad (x, pads)
    }""",
}
INTEGERS = {
    "zero": 0, "one": 1, "two": 2, "first": [0], "one1": [1], "two1": [2], "four1": [4], "minus": [-1],
    "flat": [0, 0, -1],
}  # fmt: skip


def case(text: str, **options: int) -> onnx.ModelProto:
    model = network(text, data=True, w=(4, 3, 3, 3), **options)
    used = {name for node in model.graph.node for name in node.input}
    model.graph.initializer.extend(
        helper.make_tensor(name, TensorProto.INT64, np.shape(value), np.ravel(value))
        for name, value in INTEGERS.items()
        if name in used
    )
    if "half" in used and not any("half" in node.output for node in model.graph.node):
        model.graph.initializer.append(helper.make_tensor("half", TensorProto.FLOAT, (), [0.5]))
    for tensor in [tensor for tensor in model.graph.initializer if tensor.name not in used]:
        model.graph.initializer.remove(tensor)
    return model


@pytest.mark.parametrize("opset", range(1, 6))
def test_the_first_opsets_that_onnx_infers_nothing_of(opset: int) -> None:
    """Relu and the like keep their input's shape, Add its first operand's; the shape of Reshape was an attribute."""
    model = network(
        """net (float[1,3,9,9] x) => (float[] y) {
            c = Conv <kernel_shape=[3,3]> (x, w)
            n = BatchNormalization (c, s, s, s, s)
            r = Relu (n)
            a = Add <broadcast=1, axis=1> (r, s)
            m = MaxPool <kernel_shape=[7,7]> (a)
            d = Dropout (m)
            y = Softmax (f)
        }""",
        opset=opset,
        w=(4, 3, 3, 3),
        s=(4,),
    )
    flat = (
        helper.make_node("Reshape", ["d"], ["f"], shape=[1, -1])
        if opset < 5
        else helper.make_node("Reshape", ["d", "to"], ["f"])
    )
    model.graph.node.insert(6, flat)
    model.graph.initializer.append(helper.make_tensor("to", TensorProto.INT64, (2,), (1, -1)))
    found = inferred(model)
    assert [found[name] for name in "cnra"] == [(1, 4, 7, 7)] * 4
    assert [found[name] for name in "mdfy"] == [(1, 4, 1, 1), (1, 4, 1, 1), (1, 4), (1, 4)]


def inferred(model: onnx.ModelProto, inputs: dict[str, Dims] | None = None) -> dict[str, Dims | None]:
    copy = schema.parse_model(model.SerializeToString())
    asked = shapes.ask(copy, inputs)
    nodes, constants = reader.written(copy.graph, copy.opset_import[0].version)
    return {name: known.dims for name, known in shapes.infer(asked, nodes, constants).items()}


def run(model: onnx.ModelProto, *size: int) -> dict[str, np.ndarray]:
    image = model.graph.input[0].name
    free = onnx.ModelProto.FromString(model.SerializeToString())
    free.graph.input[0].CopyFrom(helper.make_tensor_value_info(image, TensorProto.FLOAT, size))
    return outputs(free, {image: np.random.default_rng(1).random(size, np.float32)})


@pytest.mark.parametrize("text", CASES.values(), ids=CASES)
def test_shapes_are_those_of_onnxruntime(text: str) -> None:
    model = case(text)
    own = tuple(d.dim_value or 1 for d in model.graph.input[0].type.tensor_type.shape.dim)
    other = tuple(d + (0 if at < len(own) - 2 else 4) for at, d in enumerate(own))
    sizes = [own] if own[-1] in (6, 8) else [own, other]
    for size in sizes:
        found = inferred(model, None if size == own else {"": size})
        real = run(model, *size)
        assert {name: found[name] for name in real} == {name: array.shape for name, array in real.items()}


@pytest.mark.parametrize("path", LIGHT, ids=lambda path: path.stem)
def test_light_models_have_every_shape(path: Path) -> None:
    """The shapes of the real classifiers, each tensor's, as onnxruntime gives them."""
    model = onnx.load(path)
    found = inferred(onnx.ModelProto.FromString(wire.strip(model.SerializeToString())))
    weights = {tensor.name for tensor in model.graph.initializer}
    (image,) = [value for value in model.graph.input if value.name not in weights]
    size = tuple(d.dim_value for d in image.type.tensor_type.shape.dim)
    if path.stem in ("light_squeezenet", "light_shufflenet"):  # the others take seconds to run
        real = outputs(model, {image.name: np.zeros(size, np.float32)})
        masks = {name for node in model.graph.node if node.op_type == "Dropout" for name in node.output[1:]}
        assert {n: found.get(n) for n in real if n not in masks} == {n: real[n].shape for n in real if n not in masks}
    for node in model.graph.node:
        assert None not in (found[node.output[0]] or (None,)), node.output


@pytest.mark.parametrize("ir", range(3, 14))
def test_every_ir_version(ir: int) -> None:
    """Before version 4 every weight is also listed among the inputs; later it may be."""
    model = case(CASES["convolution"], ir=ir, opset=7 if ir == 3 else 12)
    if ir == 3:
        model.graph.input.append(helper.make_tensor_value_info("w", TensorProto.FLOAT, (4, 3, 3, 3)))
    assert inferred(model)["y"] == (1, 4, 16, 16)
    assert inferred(model, {"x": (2, 3, 20, 24)})["y"] == (2, 4, 10, 12)


@pytest.mark.parametrize("opset", range(1, onnx.defs.onnx_opset_version() + 1))
def test_every_opset(opset: int) -> None:
    text = """net (float[1,3,32,32] x) => (float[] y) {
        c = Conv <kernel_shape=[3,3]> (x, w)
        y = MaxPool <kernel_shape=[2,2]> (c)
    }"""
    assert inferred(case(text, opset=opset))["y"] == (1, 4, 29, 29)


def test_an_unknown_batch_is_one() -> None:
    model = case("net (float[N,3,32,32] x) => (float[N,4,30,30] y) { y = Conv (x, w) }")
    assert inferred(model)["y"] == (1, 4, 30, 30)
    assert inferred(model, {"": (5, 3, 32, 32)})["y"] == (5, 4, 30, 30)


def test_unknown_heights_stay_unknown_and_are_not_taken_for_nothing() -> None:
    model = case("net (float[N,3,H,W] x) => (float[] y) { y = Conv (x, w) }")
    assert inferred(model)["y"] == (1, 4, None, None)


def test_shapes_written_in_the_file_are_not_believed() -> None:
    model = case("net (float[1,3,32,32] x) => (float[1,9,9,9] y) { c = Conv (x, w) y = Relu (c) }")
    model.graph.value_info.append(helper.make_tensor_value_info("c", TensorProto.FLOAT, (1, 7, 7, 7)))
    assert inferred(model)["c"] == inferred(model)["y"] == (1, 4, 30, 30)


TWO = "net (float[1,4] left, float[1,4] right) => (float[] y) { y = Add (left, right) }"


def test_inputs_are_named() -> None:
    model = case(TWO)
    assert inferred(model, {"left": (3, 4), "right": (3, 4)})["y"] == (3, 4)
    with pytest.raises(Refusal, match="2 inputs: 'left', 'right'"):
        inferred(model, {"": (3, 4)})
    with pytest.raises(Refusal, match="no input 'middle'") as caught:
        inferred(model, {"middle": (3, 4)})
    assert "'left', 'right'" in caught.value.hint


IMPOSSIBLE = {
    "another number of channels": (CASES["convolution"], (1, 4, 32, 32)),
    "another rank": (CASES["convolution"], (1, 3, 32)),
    "nothing": (CASES["convolution"], (1, 3, 0, 32)),
    "smaller than the kernel": ("net (float[1,3,32,32] x) => (float[] y) { y = Conv (x, w) }", (1, 3, 2, 2)),
    "a dense layer made for another size": (
        """net (float[1,3,6,6] x) => (float[] y) {
            f = Flatten (x)
            v = Reshape (w, minus)
            k = Unsqueeze (v, one1)
            y = MatMul (f, k)
        }""",
        (1, 3, 5, 5),
    ),
    "a Reshape made for another size": (
        "net (float[1,3,4,4] x) => (float[] y) { c = Constant <value_ints=[1,48]> () y = Reshape (x, c) }",
        (1, 3, 5, 5),
    ),
}


@pytest.mark.parametrize(("text", "size"), IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_a_size_that_the_network_cannot_take_is_refused(text: str, size: tuple[int, ...]) -> None:
    with pytest.raises(Refusal):
        reader.from_proto(case(text), "case", {"": size})


def test_operators_of_onnxruntime_have_shapes() -> None:
    """Each has the shape of a standard operator; the files of quantised zoo models hold no others."""
    model = network("""net (float[1,4,8,8] x) => (float[] y) {
        g = com.microsoft.Gelu (x)
        c = com.microsoft.FusedConv <activation="Relu", kernel_shape=[3,3], strides=[2,2]> (g, w, b)
        f = Flatten (c)
        y = com.microsoft.FusedMatMul <alpha=2.0> (f, m)
    }""", data=True, w=(6, 4, 3, 3), b=(6,), m=(54, 5))  # fmt: skip
    found = inferred(model)
    real = run(model, 1, 4, 8, 8)
    assert {name: found[name] for name in real} == {name: array.shape for name, array in real.items()}


def test_quantised_operators_of_onnxruntime_have_shapes(evidence: object) -> None:
    path = f"{evidence}/models/shufflenet-v2-12-int8.onnx"
    model = onnx.load(path)
    stripped = onnx.ModelProto.FromString(wire.strip(model.SerializeToString()))
    del stripped.graph.value_info[:]
    found = inferred(stripped)
    image = model.graph.input[0]
    real = outputs(model, {image.name: np.zeros((1, 3, 224, 224), np.float32)})
    assert {name: found.get(name) for name in real} == {name: array.shape for name, array in real.items()}


def test_an_operator_that_nobody_knows_leaves_its_shape_unknown() -> None:
    model = network("net (float[1,4] x) => (float[] y) { u = own.Strange (x) y = Relu (u) }")
    model.opset_import.append(helper.make_opsetid("own", 1))
    assert inferred(model).get("y") in (None, ())
