"""What follows from another number of channels: all that reads them takes as many, down to the next layers."""

from __future__ import annotations

from collections import deque

import onnx

from planted.layers import dense_axis, dense_weight, resize_own
from planted.network import BINARY, UNARY, Illegal, Net, assign, attribute


def follow(net: Net, start: str, axis: int, change: int) -> None:
    """Let everything that reads `start` have `change` more channels on `axis`, down to the layers that take them in.

    Raises Illegal where something cannot follow: a sum with other channels, a reshape, a split.
    """
    if start in net.returned and axis != 1:
        raise Illegal("the network returns it")
    grown, waiting = {start: (axis, change)}, deque([start])
    while waiting:
        name = waiting.popleft()
        for node in net.consumers[name]:
            made = _follow(net, node, name, *grown[name])
            if made is not None and node.output[0] not in grown:
                grown[node.output[0]] = made
                waiting.append(node.output[0])
            elif node.op_type == "Concat" and node.output[0] in grown:
                raise Illegal("two operands of a concatenation changed")
    for node in net.nodes:
        if node.op_type in BINARY and node.output[0] in grown:
            whole = [other for other in node.input if net.shape(other) == net.shape(node.output[0])]
            if any(other not in grown and other not in net.weights for other in whole):
                raise Illegal(f"{node.output[0]} adds other channels")


def _follow(net: Net, node: onnx.NodeProto, name: str, axis: int, change: int) -> tuple[int, int] | None:
    """Adapt one reader; where its output has the channels too: on which axis, and how many more."""
    op, shape = node.op_type, net.shape(name)
    if len(shape) <= axis:
        raise Illegal(f"the shape of {name} is not known")
    channels = shape[axis] + change
    if op in (*UNARY, "Softmax", "MaxPool", "AveragePool", "GlobalAveragePool", "LRN"):
        return axis, change
    if op == "BatchNormalization" and axis == 1:
        for position in range(1, 5):
            resize_own(net, node, position, (channels,))
        return axis, change
    if op == "LayerNormalization" and axis == len(shape) - 1:
        for position in range(1, len(node.input)):
            resize_own(net, node, position, (channels,))
        return axis, change
    if op == "Conv" and axis == 1 and node.input[0] == name:
        return _follow_conv(net, node, shape[1], channels, change)
    if op in ("Gemm", "MatMul") and node.input[0] == name and axis == len(shape) - 1:
        weight = dense_weight(net, node)
        if weight is None:
            raise Illegal("a matrix that is not its own")
        dims = list(net.shape(weight))
        dims[dense_axis(net, node, 0)] = channels
        net.resize(weight, dims)
        return None
    if op in BINARY:
        return _follow_binary(net, node, name, axis, change)
    if op == "Concat" and attribute(node, "axis", 1) % len(shape) == axis:
        return axis, change
    if (op == "Pad" and axis == 1) or (op == "ReduceMean" and _spatial(net, node)):
        return axis, change
    if op == "Transpose":
        return attribute(node, "perm", [])[:].index(axis), change
    if op in ("Flatten", "Squeeze") and axis == 1 and len(shape) == 4 and len(net.shape(node.output[0])) == 2:
        return 1, change * shape[2] * shape[3]
    raise Illegal(f"{op} cannot follow")


def _follow_conv(net: Net, node: onnx.NodeProto, old: int, new: int, change: int) -> tuple[int, int] | None:
    weight, group = net.own_weight(node, 1), attribute(node, "group", 1)
    if weight is None:
        raise Illegal("a kernel that is not its own")
    out, of_group, *kernel_shape = net.shape(weight)
    if group == 1:
        net.resize(weight, (out, new, *kernel_shape))
        return None
    if group != old or out != old or of_group != 1:
        raise Illegal("a grouped convolution cannot follow")
    net.resize(weight, (new, 1, *kernel_shape))
    assign(node, group=new)
    if len(node.input) > 2:
        resize_own(net, node, 2, (new,))
    return 1, change


def _follow_binary(net: Net, node: onnx.NodeProto, name: str, axis: int, change: int) -> tuple[int, int]:
    rank = len(net.shape(name))
    for position, other in enumerate(node.input):
        shape = net.shape(other)
        at = axis - rank + len(shape)
        if other in net.weights and at >= 0 and shape[at] > 1:
            resize_own(net, node, position, (*shape[:at], shape[at] + change, *shape[at + 1 :]))
    return axis, change


def _spatial(net: Net, node: onnx.NodeProto) -> bool:
    axes = net.data(node.input[1]) if len(node.input) > 1 else attribute(node, "axes", [])
    return axes is not None and {int(axis) % 4 for axis in axes} == {2, 3} and len(net.shape(node.input[0])) == 4
