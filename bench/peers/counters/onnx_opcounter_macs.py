# /// script
# requires-python = ">=3.11,<3.15"
# dependencies = [
#   "onnx_opcounter==0.0.4",
#   "onnx==1.23.*",
#   "onnxruntime>=1.24",
# ]
# [tool.zoodiff]
# version-of = "onnx-opcounter"
# without-dependencies = []
# from-source = ["onnx-opcounter"]
# disk-mb = 400
# ///
"""onnx-opcounter's calculate_macs: shapes by inference, and by running the network in onnxruntime where that fails."""

from __future__ import annotations

NAME = "onnx-opcounter"
READS = "onnx"
PER_MAC = 1
CONVENTION = "onnx-opcounter"
NOTE = "Adds normalization, activations, and an operation for each element that any other operator puts out."


def prove() -> None:
    """Raise unless a small convolution counts as what it is."""
    import tempfile

    import numpy as np
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    node = helper.make_node("Conv", ["x", "w"], ["y"], kernel_shape=[3, 3])
    weight = numpy_helper.from_array(np.ones((4, 3, 3, 3), np.float32), "w")
    x, y = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        for name, shape in (("x", [1, 3, 8, 8]), ("y", [1, 4, 6, 6]))
    )
    graph = helper.make_graph([node], "one", [x], [y], [weight])
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/one.onnx"
        onnx.save(helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 13)]), path)
        said = count(path)
    if said != PER_MAC * 4 * 6 * 6 * 3 * 3 * 3:
        raise RuntimeError(f"a convolution of 3,888 multiply-accumulates counts as {said}")


def count(path: str) -> int:
    """Its multiply-accumulates."""
    import onnx
    from onnx_opcounter import calculate_macs

    return int(calculate_macs(onnx.load(path)))
