"""Reductions along axes, cumulative sums, searches.

A reduction of a dimension of n elements is n - 1 operations per result, so input size - output size in all.
"""

from __future__ import annotations

from zoodiff.costs._cost import Cost, CostFunction, dims, size
from zoodiff.record import Graph, Node


def reduction(per_input: int = 0, per_output: int = 0) -> CostFunction:
    """Input size - output size, and so many operations more per input element and per output element."""

    def rule(node: Node, graph: Graph) -> Cost:
        taken, left = size(graph, node.inputs[0]), size(graph, node.outputs[0])
        return Cost(0, taken - left + per_input * taken + per_output * left)

    return rule


def cumulative(node: Node, graph: Graph) -> Cost:
    """One operation per element (the first of each row takes one with the neutral element)."""
    return Cost(0, size(graph, node.inputs[0]))


def top(node: Node, graph: Graph) -> Cost:
    """A heap of the k best: ceil(log2(k + 1)) comparisons per input element."""
    shape = dims(graph, node.outputs[0])
    k = shape[node.attributes.get("axis", -1)]
    return Cost(0, size(graph, node.inputs[0]) * k.bit_length())


def sort(node: Node, graph: Graph) -> Cost:
    """Sorting n elements: n * ceil(log2 n) comparisons."""
    elements = size(graph, node.inputs[0])
    return Cost(0, elements * (elements - 1).bit_length() if elements else 0)


def scan(node: Node, graph: Graph) -> Cost:
    """One comparison per input element."""
    return Cost(0, size(graph, node.inputs[0]))


OPERATORS = {
    **dict.fromkeys(("ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd", "ArgMax", "ArgMin"), reduction()),
    "ReduceMean": reduction(per_output=1),  # division by the count
    "ReduceL1": reduction(per_input=1),  # absolute values
    "ReduceL2": reduction(per_input=1, per_output=1),  # squares, root
    "ReduceSumSquare": reduction(per_input=1),
    "ReduceLogSum": reduction(per_output=1),
    "ReduceLogSumExp": reduction(per_input=1, per_output=1),
    **dict.fromkeys(("CumSum", "CumProd"), cumulative),
    "TopK": top,
    "Unique": sort,
    "NonZero": scan,
}
