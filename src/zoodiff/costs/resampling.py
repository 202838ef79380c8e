"""Resampling: Resize, Upsample, sampling at given points.

A result that is interpolated from t neighbours is t multiplications and t - 1 additions; their weights depend on
positions alone and are free. Nearest neighbour is data movement.
"""

from __future__ import annotations

import math

from zoodiff.costs._cost import Cost, Role, Uncountable, dims, size
from zoodiff.record import Graph, Node

REACH = {"nearest": 1, "linear": 2, "bilinear": 2, "cubic": 4, "bicubic": 4}
"""neighbours along one dimension, by mode"""


def resize(node: Node, graph: Graph) -> Cost:
    """2 t - 1 per output element, t the product over the dimensions whose size changes of 2 (linear) or 4 (cubic).

    With antialias a dimension that shrinks from n to m has ceil(n / m) times as many neighbours.
    """
    reach = _reach(node, "nearest")
    if reach == 1:
        return Cost()
    wide = bool(node.attributes.get("antialias", 0))
    before, after = dims(graph, node.inputs[0]), dims(graph, node.outputs[0])
    changed = [(n, m) for n, m in zip(before, after, strict=True) if n != m and m]
    neighbours = math.prod(reach * (-(-n // m) if wide and m < n else 1) for n, m in changed)
    return Cost(0, math.prod(after) * (2 * neighbours - 1) if changed else 0)


def grid_sample(node: Node, graph: Graph) -> Cost:
    """2 t - 1 per output element with t = 2^d or 4^d neighbours in d dimensions; 2 per grid coordinate to scale it."""
    reach, sampled, grid = _reach(node, "linear"), dims(graph, node.inputs[0]), dims(graph, node.inputs[1])
    spatial = len(sampled) - 2
    if grid[-1:] != (spatial,):
        raise Uncountable(f"a grid of {grid} does not fit an input of {spatial} spatial dimensions")
    each = 2 * reach**spatial - 1 if reach > 1 else 0
    return Cost(0, each * size(graph, node.outputs[0]) + 2 * math.prod(grid))


def affine_grid(node: Node, graph: Graph) -> Cost:
    """Each of d coordinates of each position is a row of d + 1 numbers times (position, 1): 2 d operations."""
    grid = dims(graph, node.outputs[0])
    return Cost(0, 2 * grid[-1] * math.prod(grid))


def _reach(node: Node, default: str) -> int:
    mode = node.attributes.get("mode", default)
    if mode not in REACH:
        raise Uncountable(f"mode {mode!r} is not known")
    return REACH[mode]


OPERATORS = {"Resize": resize, "Upsample": resize, "GridSample": grid_sample, "AffineGrid": affine_grid}

ROLES = {"Resize": dict.fromkeys((1, 2, 3), Role.SETTING), "Upsample": {1: Role.SETTING}}
