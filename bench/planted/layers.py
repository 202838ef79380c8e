"""What the layers of a network are: convolutions over two axes, dense layers in their spellings, biases."""

from __future__ import annotations

from collections.abc import Iterator

import onnx

from planted.network import Illegal, Net, Shape, Window, attribute


def convolutions(net: Net) -> Iterator[tuple[onnx.NodeProto, Window]]:
    """Convolutions over two axes, on more than one pixel, with explicit pads."""
    for node in net.nodes:
        if node.op_type == "Conv" and len(net.shape(node.input[0])) == 4:
            window = Window(net, node)
            if window.explicit and min(window.size) > 1 and net.shape(node.input[1]):
                yield node, window


def dense_weight(net: Net, node: onnx.NodeProto) -> str | None:
    """The matrix of a dense layer, where it is its own; looking through a transposition."""
    if node.op_type not in ("Gemm", "MatMul") or attribute(node, "transA", 0):
        return None
    turned = net.producer.get(node.input[1])
    if turned is not None and turned.op_type == "Transpose" and net.only_consumer(turned.output[0]) is node:
        return net.own_weight(turned, 0) if len(net.shape(turned.input[0])) == 2 else None
    return net.own_weight(node, 1)


def dense_axis(net: Net, node: onnx.NodeProto, axis: int) -> int:
    """Which axis of the stored matrix of a dense layer is its inputs (0) or outputs (1)."""
    flipped = bool(attribute(node, "transB", 0)) != (net.op(node.input[1]) == "Transpose")
    return 1 - axis if flipped else axis


def is_bias(net: Net, node: onnx.NodeProto) -> bool:
    """Whether a sum adds a parameter."""
    return node.op_type == "Add" and any(name in net.weights for name in node.input)


def resize_own(net: Net, node: onnx.NodeProto, position: int, shape: Shape) -> None:
    """Give an operator's parameter other dimensions. Raises Illegal where others use it too."""
    name = net.own_weight(node, position)
    if name is None:
        raise Illegal(f"{node.input[position]} is no parameter of this operator alone")
    net.resize(name, shape)
