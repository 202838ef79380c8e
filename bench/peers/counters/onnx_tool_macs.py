# /// script
# requires-python = ">=3.11,<3.15"
# dependencies = [
#   "onnx-tool==1.0.1",
# ]
# [tool.zoodiff]
# version-of = "onnx-tool"
# without-dependencies = []
# from-source = []
# disk-mb = 250
# ///
"""onnx-tool: loads the model, infers its shapes, and counts each node by a rule of its operator."""

from __future__ import annotations

NAME = "onnx-tool"
READS = "onnx"
PER_MAC = 1
CONVENTION = None
NOTE = "Adds a weighted cost for every other operator (an exponential is 16)."


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
    """The sum of its MACs."""
    from onnx_tool import Model

    graph = Model(path).graph
    graph.shape_infer()
    graph.profile()
    forward, _ = graph.macs
    return int(forward)
