"""Activations: each by the operations of its formula; exp, tanh and erf are one operation each.

Signs of constants and constant subexpressions are free (they are folded). Softmax is 5 per element: maximum,
subtraction, exp, sum, division (LogSoftmax: subtraction of the logarithm); the few operations per row are left out.
"""

from __future__ import annotations

from zoodiff.costs._cost import Cost, CostFunction, per_element, size
from zoodiff.record import Graph, Node

SIGMOID = 4
"""1 / (1 + exp(-x)): negation, exp, addition, division"""
GELU = 5
"""x * 0.5 * (1 + erf(x / sqrt(2))): scaling, erf, addition, two multiplications (Hendrycks and Gimpel 2016)"""
GELU_TANH = 9
"""x * 0.5 * (1 + tanh(c (x + d x^3))): cube 2, d, addition, c, tanh, addition, two multiplications"""


def gelu(node: Node, graph: Graph) -> Cost:
    """5 per element with erf, 9 with the tanh approximation."""
    each = GELU_TANH if node.attributes.get("approximate", "none") == "tanh" else GELU
    return Cost(0, each * size(graph, node.outputs[0]))


def swish(node: Node, graph: Graph) -> Cost:
    """x * sigmoid(alpha x): 5 per element, 6 where alpha is not 1."""
    each = SIGMOID + 1 + (node.attributes.get("alpha", 1.0) != 1.0)
    return Cost(0, each * size(graph, node.outputs[0]))


def swiglu(node: Node, graph: Graph) -> Cost:
    """swish(gate) * value: one multiplication more than Swish."""
    return Cost(0, swish(node, graph).other + size(graph, node.outputs[0]))


PER_ELEMENT = {
    "Relu": 1,
    "ThresholdedRelu": 1,
    "LeakyRelu": 2,  # comparison, slope
    "PRelu": 2,
    "Elu": 4,  # comparison, exp, subtraction, alpha
    "Selu": 5,  # Elu, gamma
    "Celu": 7,  # max(0, x) + min(0, alpha (exp(x / alpha) - 1))
    "Sigmoid": SIGMOID,
    "HardSigmoid": 4,  # max(0, min(1, alpha x + beta))
    "HardSwish": 5,  # x * HardSigmoid
    "Mish": 5,  # x * tanh(softplus(x))
    "Softplus": 3,  # log(1 + exp(x))
    "Softsign": 3,  # x / (1 + |x|)
    "Shrink": 3,  # two comparisons, the bias
    "Softmax": 5,
    "LogSoftmax": 5,
    "Hardmax": 1,
}

OPERATORS: dict[str, CostFunction] = {
    **{operator: per_element(each) for operator, each in PER_ELEMENT.items()},
    "Gelu": gelu,
    "Swish": swish,
    "SwiGLU": swiglu,
}
