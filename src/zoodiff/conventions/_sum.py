"""Sum a counter's rules over a graph; what one operator does not let it know, the whole cannot be known by."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from zoodiff.kind import Memo
from zoodiff.record import Graph, Node, Unmeasured

Rule = Callable[[Node, Graph], int]
"""What a counter counts for one operator."""


class Unknown(Exception):  # it is no error but a value's absence
    """What a counter says cannot be known; the message is the reason that a user reads."""


_KNOWN: Memo[tuple[int, Rule], int] = Memo()
"""What a rule says of an operator of a kind."""


def summed(graph: Graph, rules: Mapping[str, Rule], other: Rule, *, foreign: bool = False) -> int | Unmeasured:
    """The sum over all operators of the rules for their names, with `other` for the rest, or why there is none.

    Unless `foreign` is true, the rules are for ONNX's own operators without subgraphs alone.
    """
    total, known = 0, _KNOWN.opened()
    try:
        for kind, node, number in graph.alike:
            if not foreign and (node.domain or node.subgraphs):
                raise Unknown(
                    f"{node.op} is no plain operator of ONNX: what the tool would see in its place is not said"
                )
            rule = rules.get(node.op, other)
            if rule is nothing:
                continue
            each = known.get((kind, rule))
            if each is None:
                each = known[kind, rule] = rule(node, graph)
            total += number * each
    except Unknown as reason:
        return Unmeasured(str(reason))
    except (IndexError, KeyError, TypeError, ValueError, ZeroDivisionError):
        return Unmeasured("an operator's inputs, attributes or shapes are not what its definition says")
    return total


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
