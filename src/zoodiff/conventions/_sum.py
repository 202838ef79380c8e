"""Sum a counter's rules over a graph; what one operator does not let it know, the whole cannot be known by."""

from __future__ import annotations

import math
from collections.abc import Callable

from zoodiff.record import Graph, Node, Unmeasured

Rule = Callable[[Node, Graph], int]
"""What a counter counts for one operator."""


class Unknown(Exception):  # it is no error but a value's absence
    """What a counter says cannot be known; the message is the reason that a user reads."""


def summed(graph: Graph, rule: Rule) -> int | Unmeasured:
    """The rule's sum over all operators, or why there is none."""
    try:
        return sum([number * rule(node, graph) for node, number in graph.alike])
    except Unknown as reason:
        return Unmeasured(str(reason))
    except (IndexError, KeyError, TypeError, ValueError, ZeroDivisionError):
        return Unmeasured("an operator's inputs, attributes or shapes are not what its definition says")


def standard(node: Node, rule: Rule) -> Rule:
    """The rule for an operator of ONNX's own without subgraphs; raises Unknown on any other."""
    if node.domain or node.subgraphs:
        raise Unknown(f"{node.op} is no plain operator of ONNX: what the tool would see in its place is not said")
    return rule


def dims(graph: Graph, name: str) -> tuple[int, ...]:
    """The dimensions of a tensor; raises Unknown unless all are known."""
    shape = graph.shape(name)
    if shape is None or None in shape:
        raise Unknown(f"shape of {name!r} is not known")
    return shape  # type: ignore[return-value]  # no None among them


def size(graph: Graph, name: str) -> int:
    """The number of elements of a tensor; raises Unknown unless it is known."""
    try:
        return math.prod(graph.shape(name))  # type: ignore[arg-type]  # None, or a None inside, is the TypeError
    except TypeError:
        raise Unknown(f"shape of {name!r} is not known") from None


def of_output(each: int) -> Rule:
    """The rule `each` per element of the first output."""
    return lambda node, graph: each * size(graph, node.outputs[0])


def of_input(each: int) -> Rule:
    """The rule `each` per element of the first input."""
    return lambda node, graph: each * size(graph, node.inputs[0])


def nothing(node: Node, graph: Graph) -> int:
    """The rule for what a counter leaves out."""
    return 0


def convolution(node: Node, graph: Graph) -> int:
    """Multiply-accumulates of a convolution: output elements x kernel volume x input channels of one group."""
    return size(graph, node.outputs[0]) * math.prod(dims(graph, node.inputs[1])[1:])


def transposed(node: Node, graph: Graph) -> int:
    """Multiply-accumulates of a transposed convolution: input elements x kernel volume x output channels of a group."""
    return size(graph, node.inputs[0]) * math.prod(dims(graph, node.inputs[1])[1:])


def product(node: Node, graph: Graph) -> int:
    """Multiply-accumulates of MatMul or Gemm: output elements x the contracted dimension."""
    return size(graph, node.outputs[0]) * dims(graph, node.inputs[0])[-2 if node.attributes.get("transA", 0) else -1]
