"""onnxruntime's own operators have the shapes that it gives them."""

from __future__ import annotations

import numpy as np
import onnx

from networks import network, outputs
from shaped import inferred, run
from zoodiff.reading import twins, wire


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


def test_twins_are_operators_with_as_many_inputs() -> None:
    for name, (twin, inputs) in twins.STANDARD_TWINS.items():
        definition = onnx.defs.get_schema(twin)
        assert definition.min_input <= len(inputs) <= definition.max_input, name
