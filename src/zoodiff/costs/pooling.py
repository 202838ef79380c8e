"""Pooling: windows, whole maps, regions."""

from __future__ import annotations

import math

from zoodiff.costs._cost import Cost, Role, Uncountable, dims, size
from zoodiff.record import Graph, Node


def _window(node: Node) -> int:
    if "kernel_shape" not in node.attributes:
        raise Uncountable("kernel_shape is missing")
    return math.prod(node.attributes["kernel_shape"])


def maximum(node: Node, graph: Graph) -> Cost:
    """Kernel volume - 1 comparisons per output element."""
    return Cost(0, size(graph, node.outputs[0]) * (_window(node) - 1))


def average(node: Node, graph: Graph) -> Cost:
    """Kernel volume - 1 additions and a division per output element."""
    return Cost(0, size(graph, node.outputs[0]) * _window(node))


def norm(node: Node, graph: Graph) -> Cost:
    """A power per value, kernel volume - 1 additions and a root per output element: twice the kernel volume."""
    return Cost(0, size(graph, node.outputs[0]) * 2 * _window(node))


def global_maximum(node: Node, graph: Graph) -> Cost:
    """One comparison per input element but the first of each map."""
    return Cost(0, size(graph, node.inputs[0]) - size(graph, node.outputs[0]))


def global_average(node: Node, graph: Graph) -> Cost:
    """One addition per input element but the first of each map, and one division per map: the input's size."""
    return Cost(0, size(graph, node.inputs[0]))


def global_norm(node: Node, graph: Graph) -> Cost:
    """A power per value, the additions, and a root per map: twice the input's size."""
    return Cost(0, 2 * size(graph, node.inputs[0]))


def region_align(node: Node, graph: Graph) -> Cost:
    """sampling_ratio^2 bilinear samples (7 operations each) per output element, then their average or maximum.

    With n samples the average is n - 1 additions and a division, the maximum n - 1 comparisons. Source: He et al.
    2017, section 3. With sampling_ratio 0 the number of samples depends on the regions: Uncountable.
    """
    ratio = node.attributes.get("sampling_ratio", 0)
    if ratio <= 0:
        raise Uncountable("the number of samples depends on the regions (sampling_ratio is 0)")
    samples = ratio * ratio
    reduce = samples if node.attributes.get("mode", "avg") == "avg" else samples - 1
    return Cost(0, size(graph, node.outputs[0]) * (7 * samples + reduce))


def overlap_add(node: Node, graph: Graph) -> Cost:
    """Col2Im: one addition per column value."""
    return Cost(0, math.prod(dims(graph, node.inputs[0])))


OPERATORS = {
    "MaxPool": maximum,
    "AveragePool": average,
    "LpPool": norm,
    "GlobalMaxPool": global_maximum,
    "GlobalAveragePool": global_average,
    "GlobalLpPool": global_norm,
    "RoiAlign": region_align,
    "Col2Im": overlap_add,
}

ROLES = {"RoiAlign": {1: Role.SETTING}}
