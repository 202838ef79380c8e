"""Small ONNX networks for tests: written in ONNX's own text form, with weights by shape alone or with random data."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper, parser

LIGHT = sorted((Path(onnx.__file__).parent / "backend" / "test" / "data" / "light").glob("light_*.onnx"))
"""The nine graphs of the ONNX zoo that the onnx wheel carries; their weights are ConstantOfShape."""


def network(text: str, opset: int = 17, ir: int = 8, data: bool = False, **weights: tuple[int, ...]) -> onnx.ModelProto:
    """A model from ONNX's text form of its graph: `net (float[1,3,8,8] x) => (float[] y) { y = Conv(x, w) }`.

    `weights` are initializers of type float by name; without `data` they have dimensions only.
    """
    imports = f'"" : {opset}, "com.microsoft" : 1'
    model = parser.parse_model(f"<ir_version: {ir}, opset_import: [{imports}]> {text}")
    random = np.random.default_rng(0)
    for name, shape in weights.items():
        if data:
            values = random.standard_normal(shape).astype(np.float32) * 0.1
            model.graph.initializer.append(numpy_helper.from_array(values, name))
        else:
            model.graph.initializer.append(onnx.TensorProto(name=name, data_type=onnx.TensorProto.FLOAT, dims=shape))
    return model


def repeated(model: onnx.ModelProto) -> int:
    """Elements of float weights beyond their first use: evidence counts a tensor at each use, zoodiff once."""
    uses = Counter(name for node in model.graph.node for name in node.input)
    floats = [t for t in model.graph.initializer if t.data_type == onnx.TensorProto.FLOAT and t.dims]
    return sum(math.prod(tensor.dims) * (uses[tensor.name] - 1) for tensor in floats if uses[tensor.name])


def outputs(model: onnx.ModelProto, feeds: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Every tensor that an operator of the main graph makes, computed by onnxruntime."""
    import onnxruntime

    whole = onnx.ModelProto()
    whole.CopyFrom(model)
    del whole.graph.output[:]
    names = [name for node in whole.graph.node for name in node.output if name]
    whole.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(whole.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return dict(zip(names, session.run(names, feeds), strict=True))
