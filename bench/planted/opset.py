"""What opsets write in different ways: the bounds of a Clip."""

from __future__ import annotations

import onnx

from planted.network import Net, attribute


def clip_bounds(net: Net, node: onnx.NodeProto) -> tuple[float | None, float | None]:
    """Lowest and highest value of a Clip; None where open or not constant."""
    if net.opset < 11:
        return attribute(node, "min", None), attribute(node, "max", None)
    bounds = [net.scalar(name) if name else None for name in [*node.input[1:], "", ""][:2]]
    return bounds[0], bounds[1]
