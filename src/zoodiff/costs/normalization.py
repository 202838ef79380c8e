"""Normalisation over batch, layer, group, instance or neighbouring channels."""

from __future__ import annotations

import math

from zoodiff.costs._cost import Cost, Role, Uncountable, dims, present, size
from zoodiff.record import Graph, Node

MOMENTS = 5
"""per element: sum for the mean, subtraction, square, sum for the variance, division by the deviation"""
PER_GROUP = 4
"""per group of elements that share a mean: two divisions by the count, epsilon, root"""


def batch(node: Node, graph: Graph) -> Cost:
    """2 per element: a multiplication and an addition.

    In inference scale, mean, variance and bias are constants, so x * a + b with a and b computed beforehand is the
    whole work. In training mode mean and variance come from the batch: Uncountable here.
    """
    if node.attributes.get("training_mode", 0):
        raise Uncountable("training mode: only inference is counted")
    return Cost(0, 2 * size(graph, node.outputs[0]))


def _moments(elements: int, groups: int, scale: bool = True, shift: bool = True) -> Cost:
    return Cost(0, elements * (MOMENTS + scale + shift) + groups * PER_GROUP)


def layer(node: Node, graph: Graph) -> Cost:
    """5 per element, 1 each for scale and bias, 4 per normalised row (dimensions before `axis`, default the last)."""
    shape = dims(graph, node.inputs[0])
    rows = math.prod(shape[: _axis(node, len(shape))])
    return _moments(math.prod(shape), rows, shift=present(node.inputs, 2))


def instance(node: Node, graph: Graph) -> Cost:
    """7 per element (scale and bias included) and 4 per image and channel."""
    shape = dims(graph, node.inputs[0])
    return _moments(math.prod(shape), math.prod(shape[:2]))


def group(node: Node, graph: Graph) -> Cost:
    """7 per element (scale and bias included) and 4 per image and group."""
    shape = dims(graph, node.inputs[0])
    return _moments(math.prod(shape), shape[0] * node.attributes.get("num_groups", 1))


def root_mean_square(node: Node, graph: Graph) -> Cost:
    """4 per element (square, sum, division, scale) and 3 per row (division by the count, epsilon, root)."""
    shape = dims(graph, node.inputs[0])
    return Cost(0, 4 * math.prod(shape) + 3 * math.prod(shape[: _axis(node, len(shape))]))


def _axis(node: Node, rank: int) -> int:
    axis: int = node.attributes.get("axis", -1)
    return axis + rank if axis < 0 else axis


def mean_variance(node: Node, graph: Graph) -> Cost:
    """5 per element and 4 per group; `axes` (default 0, 2, 3) are summed over, the others make the groups."""
    shape = dims(graph, node.inputs[0])
    summed = {axis % len(shape) for axis in node.attributes.get("axes", (0, 2, 3))}
    groups = math.prod(length for axis, length in enumerate(shape) if axis not in summed)
    return _moments(math.prod(shape), groups, scale=False, shift=False)


def lp(node: Node, graph: Graph) -> Cost:
    """3 per element: power, sum, division by the norm."""
    return Cost(0, 3 * size(graph, node.outputs[0]))


def local_response(node: Node, graph: Graph) -> Cost:
    """x / (bias + alpha / size * sum of squares)^beta: size + 4 per element.

    One square, size - 1 additions over the neighbouring channels, scaling, bias, power, division (Krizhevsky et al.
    2012, section 3.3).
    """
    return Cost(0, size(graph, node.outputs[0]) * (node.attributes["size"] + 4))


OPERATORS = {
    "BatchNormalization": batch,
    "LayerNormalization": layer,
    "InstanceNormalization": instance,
    "GroupNormalization": group,
    "RMSNormalization": root_mean_square,
    "MeanVarianceNormalization": mean_variance,
    "LpNormalization": lp,
    "LRN": local_response,
}

ROLES = {"BatchNormalization": {3: Role.STATISTIC, 4: Role.STATISTIC}}
