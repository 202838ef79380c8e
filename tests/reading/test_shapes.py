"""Shapes at any input size are those that onnxruntime really produces; sizes that do not fit are refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from networks import LIGHT, outputs
from shaped import agrees, case, inferred
from zoodiff.fault import Refusal
from zoodiff.reading import wire

CASES = {
    "convolution": """net (float[1,3,32,32] x) => (float[] y) {
        c = Conv <strides=[2,2], pads=[1,1,1,1]> (x, w)
        y = Relu (c)
    }""",
    "attention by Einsum": """net (float[1,4,6,8] x) => (float[] y) {
        a = Einsum <equation="bhid,bhjd->bhij"> (x, x)
        p = Softmax (a)
        y = Einsum <equation="bhij,bhjd->bhid"> (p, x)
    }""",
}


@pytest.mark.parametrize("text", CASES.values(), ids=CASES)
def test_shapes_are_those_of_onnxruntime(text: str) -> None:
    agrees(text)


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


def test_a_dense_layer_made_for_another_size_is_refused() -> None:
    model = case("""net (float[1,3,6,6] x) => (float[] y) {
        f = Flatten (x)
        v = Reshape (w, minus)
        k = Unsqueeze (v, one1)
        y = MatMul (f, k)
    }""")
    assert inferred(model)["y"] == (1, 1)
    with pytest.raises(Refusal, match="do not fit together"):
        inferred(model, {"": (1, 3, 5, 5)})
