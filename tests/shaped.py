"""Shapes that are found of a small network, and those of the tensors that onnxruntime makes of it."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper

from networks import network, outputs
from zoodiff.readers._onnx_graph import written
from zoodiff.reading import schema, shapes
from zoodiff.reading.values import Dims

INTEGERS = {
    "zero": 0, "one": 1, "two": 2, "first": [0], "one1": [1], "two1": [2], "four1": [4], "minus": [-1],
    "flat": [0, 0, -1],
}  # fmt: skip


def case(text: str, **options: int) -> onnx.ModelProto:
    """A network with a 3x3 kernel `w` and the integers that its text names."""
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


def inferred(model: onnx.ModelProto, inputs: dict[str, Dims] | None = None) -> dict[str, Dims | None]:
    """The dimensions of every tensor that are found."""
    copy = schema.parse_model(model.SerializeToString())
    asked = shapes.ask(copy, inputs)
    nodes, constants = written(copy.graph, copy.opset_import[0].version)
    return {name: known.dims for name, known in shapes.infer(asked, nodes, constants).items()}


def run(model: onnx.ModelProto, *size: int) -> dict[str, np.ndarray]:
    """Every tensor that onnxruntime makes of a picture of this size."""
    image = model.graph.input[0].name
    free = onnx.ModelProto.FromString(model.SerializeToString())
    free.graph.input[0].CopyFrom(helper.make_tensor_value_info(image, TensorProto.FLOAT, size))
    return outputs(free, {image: np.random.default_rng(1).random(size, np.float32)})


def agrees(text: str) -> None:
    """The shapes that are found are those of the tensors that onnxruntime makes, at the file's own size and larger."""
    model = case(text)
    own = tuple(d.dim_value or 1 for d in model.graph.input[0].type.tensor_type.shape.dim)
    other = tuple(d + (0 if at < len(own) - 2 else 4) for at, d in enumerate(own))
    sizes = [own] if own[-1] in (6, 8) else [own, other]
    for size in sizes:
        found = inferred(model, None if size == own else {"": size})
        real = run(model, *size)
        assert {name: found[name] for name in real} == {name: array.shape for name, array in real.items()}
