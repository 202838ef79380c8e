"""Quantised operators of ONNX itself.

Multiply-accumulates are those of the unquantised form; zero points are folded into the products. Turning a number into
an integer is 4 operations (scale, round, zero point, saturate), turning it back 2 (zero point, scale).
"""

from __future__ import annotations

from zoodiff.costs._cost import Cost, Role, per_element, size
from zoodiff.costs.convolution import convolution
from zoodiff.costs.product import matmul
from zoodiff.record import Graph, Node

QUANTISE = 4
DEQUANTISE = 2


def integer_convolution(node: Node, graph: Graph) -> Cost:
    """The multiply-accumulates of the convolution; inputs X, W, zero points."""
    return Cost(convolution(node, graph).macs)


def quantised_convolution(node: Node, graph: Graph) -> Cost:
    """A convolution whose weight is input 3 and whose bias is input 8; each output element is quantised (4)."""
    plain = Node("Conv", (node.inputs[0], node.inputs[3], *node.inputs[8:9]), node.outputs)
    cost = convolution(plain, graph)
    return Cost(cost.macs, cost.other + QUANTISE * size(graph, node.outputs[0]))


def quantised_matmul(node: Node, graph: Graph) -> Cost:
    """The product of inputs 0 and 3; each output element is quantised (4)."""
    return Cost(matmul(node, graph).macs, QUANTISE * size(graph, node.outputs[0]))


def dynamic(node: Node, graph: Graph) -> Cost:
    """Smallest and largest element (2 comparisons per element), then quantisation (4)."""
    return Cost(0, (2 + QUANTISE) * size(graph, node.inputs[0]))


def settings(*positions: int) -> dict[int, Role]:
    """Inputs that are scales and zero points."""
    return dict.fromkeys(positions, Role.SETTING)


OPERATORS = {
    "ConvInteger": integer_convolution,
    "MatMulInteger": matmul,
    "QLinearConv": quantised_convolution,
    "QLinearMatMul": quantised_matmul,
    "QuantizeLinear": per_element(QUANTISE),
    "DequantizeLinear": per_element(DEQUANTISE),
    "DynamicQuantizeLinear": dynamic,
}

ROLES = {
    "ConvInteger": settings(2, 3),
    "MatMulInteger": settings(2, 3),
    "QLinearConv": settings(1, 2, 4, 5, 6, 7) | {8: Role.WEIGHT},
    "QLinearMatMul": settings(1, 2, 4, 5, 6, 7),
    "QuantizeLinear": settings(1, 2),
    "DequantizeLinear": {0: Role.WEIGHT} | settings(1, 2),
}
