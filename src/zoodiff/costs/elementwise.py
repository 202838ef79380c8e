"""Operators that work element by element: arithmetic, comparisons, logic, elementary functions.

Each is one operation per output element: an addition, a comparison, a bit operation, and also one evaluation of an
elementary function (exp, log, sin, tanh, erf, a root, a power). Composite functions are in `activation`.
"""

from __future__ import annotations

from zoodiff.costs._cost import Cost, per_element, present, size
from zoodiff.record import Graph, Node

ARITHMETIC = ("Add", "Sub", "Mul", "Div", "Mod", "Pow", "Neg", "Abs", "Sign", "Reciprocal")
ROUNDING = ("Ceil", "Floor", "Round")
COMPARISONS = ("Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "IsInf", "IsNaN")
LOGIC = ("And", "Or", "Xor", "Not", "BitShift", "BitwiseAnd", "BitwiseOr", "BitwiseXor", "BitwiseNot")
FUNCTIONS = (
    *("Exp", "Log", "Sqrt", "Erf", "Tanh", "Sin", "Cos", "Tan", "Asin", "Acos", "Atan"),
    *("Sinh", "Cosh", "Asinh", "Acosh", "Atanh"),
)


def fold(node: Node, graph: Graph) -> Cost:
    """Sum, Max, Min of n tensors: n - 1 operations per output element."""
    return Cost(0, size(graph, node.outputs[0]) * (len(node.inputs) - 1))


def mean(node: Node, graph: Graph) -> Cost:
    """n - 1 additions and a division per output element."""
    return Cost(0, size(graph, node.outputs[0]) * len(node.inputs))


def clip(node: Node, graph: Graph) -> Cost:
    """One comparison per element for each limit that is given, as an input or (before opset 11) as an attribute."""
    limits = sum(present(node.inputs, i) or name in node.attributes for i, name in ((1, "min"), (2, "max")))
    return Cost(0, size(graph, node.outputs[0]) * limits)


OPERATORS = {
    **dict.fromkeys((*ARITHMETIC, *ROUNDING, *COMPARISONS, *LOGIC, *FUNCTIONS), per_element(1)),
    **dict.fromkeys(("Sum", "Max", "Min"), fold),
    "Mean": mean,
    "Clip": clip,
}
