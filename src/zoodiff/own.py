"""What each operator of a network costs by itself: operations, and the parameters that it is the first to use."""

from __future__ import annotations

import math
from typing import NamedTuple

from zoodiff.costs._cost import Cost, Role, Uncountable, bodies, cost_of, enclosed, key, roles
from zoodiff.record import Constant, Graph, Node

BITS = {
    **dict.fromkeys(("int2", "uint2"), 2),
    **dict.fromkeys(("int4", "uint4", "float4e2m1"), 4),
    **dict.fromkeys(("float6e2m3", "float6e3m2"), 6),
    **dict.fromkeys(("bool", "int8", "uint8", "float8e8m0"), 8),
    **dict.fromkeys(("float8e4m3fn", "float8e4m3fnuz", "float8e5m2", "float8e5m2fnuz"), 8),
    **dict.fromkeys(("int16", "uint16", "float16", "bfloat16"), 16),
    **dict.fromkeys(("int32", "uint32", "float32"), 32),
    **dict.fromkeys(("int64", "uint64", "float64", "complex64"), 64),
    "complex128": 128,
}
"""Bits per element, by element type."""

_WEIGHT_TYPES = {t for t, bits in BITS.items() if "float" in t or "complex" in t or ("int" in t and bits <= 8)}

_SETTING, _STATISTIC, _WEIGHT = Role.SETTING, Role.STATISTIC, Role.WEIGHT  # an Enum's members are slow to look up


class Own(NamedTuple):
    """What one operator of a file costs; the operators' sums are the network's totals."""

    macs: int
    flops: int
    params: int
    """elements of the parameters that it is the first to use"""
    statistics: int = 0
    """those of them that are running means and variances"""
    bytes: int = 0
    """what they take, each tensor of sub-byte elements rounded up"""
    has_params: bool = False
    """whether it reads a parameter at all, be it charged to an earlier operator"""
    uncounted: str = ""
    """why `macs` and `flops` are not known, and 0 here; empty where they are"""


def per_operator(graph: Graph) -> list[Own]:
    """Each operator's own cost, in the file's order; what is a parameter, `zoodiff.count.count` says."""
    seen: set[int] = set()
    return [_own(node, graph, seen) for node in graph.nodes]


def _own(node: Node, graph: Graph, seen: set[int]) -> Own:
    """The cost of one operator; `seen` are the ids of the constants that are charged, and gets those charged here."""
    uncounted = ""
    try:
        macs, other = cost_of(node, graph)
    except Uncountable as reason:
        (macs, other), uncounted = Cost(), str(reason)
    flops = 2 * macs + other
    read = _parameters(node, graph)
    if not read:
        return Own(macs, flops, 0, uncounted=uncounted)
    params = statistics = stored = 0
    for constant, role in read:
        if id(constant) not in seen:
            seen.add(id(constant))
            elements = math.prod(constant.shape)
            params += elements
            statistics += elements if role is _STATISTIC else 0
            stored += packed(elements, BITS[constant.dtype])
    return Own(macs, flops, params, statistics, stored, True, uncounted)


def _parameters(node: Node, graph: Graph) -> list[tuple[Constant, Role | None]]:
    """The parameters that an operator reads, those inside its subgraphs too, with their roles."""
    constants, found = graph.constants, []
    if not constants.keys().isdisjoint(node.inputs):
        own = roles().get(key(node))
        for position, name in enumerate(node.inputs):
            if name in constants:
                constant = constants[name]
                role = own.get(position) if own else None
                data = role is _WEIGHT or (constant.dtype in _WEIGHT_TYPES and role is not _SETTING)
                if data and constant.shape:
                    found.append((constant, role))
    for body in bodies(node):
        inside = enclosed(body, graph)
        for inner in inside.nodes:
            found += _parameters(inner, inside)
    return found


def packed(elements: int, bits: int) -> int:
    """Bytes of a tensor, elements packed and the whole rounded up."""
    return (elements * bits + 7) // 8
