"""What opsets write in different ways: the bounds of a Clip, the axes of a mean."""

from __future__ import annotations

import onnx

from planted.network import Net, attribute, make


def clip_bounds(net: Net, node: onnx.NodeProto) -> tuple[float | None, float | None]:
    """Lowest and highest value of a Clip; None where open or not constant."""
    if net.opset < 11:
        return attribute(node, "min", None), attribute(node, "max", None)
    bounds = [net.scalar(name) if name else None for name in [*node.input[1:], "", ""][:2]]
    return bounds[0], bounds[1]


def reduce_mean(net: Net, x: str, axes: list[int], output: str) -> onnx.NodeProto:
    """A ReduceMean that keeps the axes it takes the mean over."""
    if net.opset < 18:
        return make("ReduceMean", [x], output, axes=axes, keepdims=1)
    return make("ReduceMean", [x, net.constant(axes, "int64")], output, keepdims=1)
