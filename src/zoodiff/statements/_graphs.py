"""What two networks differ in, and what stands on the shortcuts of one, as evidence for statements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from zoodiff.attribution.root import ARCHITECTURE
from zoodiff.comparison.difference import Cause, Difference
from zoodiff.record import Graph, Node

PROJECTION, POOLED, IDENTITY = "convolution", "max-pooling", "identity"
WEIGHTED = {"Conv": PROJECTION, "MaxPool": POOLED, "AveragePool": "average pooling"}
"""What may stand on a shortcut, by operator."""


def causes(difference: Difference) -> list[dict[str, Any]]:
    """The differences in architecture, as `told` tells them."""
    return told(cause for cause in difference.differences if cause.group == ARCHITECTURE)


def told(found: Iterable[Cause]) -> list[dict[str, Any]]:
    """Differences: what, at which layers on both sides, and the share of the gap."""
    return [
        {
            "words": cause.words,
            "left": list(cause.left.nodes) if cause.left else [],
            "right": list(cause.right.nodes) if cause.right else [],
            "macs": cause.macs,
        }
        for cause in found
    ]


def moved_strides(difference: Difference) -> list[Cause]:
    """The differences by which a stride stands at another convolution."""
    return [cause for cause in difference.differences if (cause.op, cause.what) == ("Conv", "strides")]


def shortcuts(graph: Graph) -> Counter[str]:
    """What stands on the shortcut of each residual addition: `convolution`, `max-pooling`, ..., or `identity`.

    The shortcut is the operand with the fewest convolutions on the way back to where its tensor is also used elsewhere.
    """
    made = {name: node for node in graph.nodes for name in node.outputs}
    used = Counter(name for node in graph.nodes for name in set(node.inputs))
    found: Counter[str] = Counter()
    for node in graph.nodes:
        operands = [name for name in node.inputs if name in graph.values]
        if node.op == "Add" and len(operands) == 2:
            ways = sorted((_way(name, graph, made, used) for name in operands), key=lambda ops: ops.count("Conv"))
            if "Conv" in ways[1]:
                found[next((WEIGHTED[op] for op in ways[0] if op in WEIGHTED), IDENTITY)] += 1
    return found


def _way(name: str, graph: Graph, made: dict[str, Node], used: Counter[str]) -> list[str]:
    """The operators that a tensor comes through, back to where it forks."""
    ops: list[str] = []
    while used[name] == 1 and name in made:
        node = made[name]
        ops.append(node.op)
        name = next((operand for operand in node.inputs if operand in graph.values), "")
    return ops
