"""What each operator of a network costs by itself: operations, and the parameters that it is the first to use."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import chain

import msgspec

from zoodiff.costs._cost import Role, Uncountable, cost_of, enclosed, key, roles
from zoodiff.kind import Memo
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


class Own(msgspec.Struct, frozen=True, gc=False):
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


class _Size(msgspec.Struct, frozen=True, gc=False):
    """How large a parameter is, as in `Own`."""

    params: int
    statistics: int
    bytes: int


_Places = list[tuple[int, _Size]]
"""Which of an operator's inputs are parameters."""
_Parameters = list[tuple[Constant, _Size]]


class _Kind(msgspec.Struct, frozen=True, gc=False):
    """What operators of one kind have in common."""

    cost: Own
    """without parameters"""
    charged: Own
    """with all parameters that they read as inputs"""
    places: _Places
    inside: _Parameters


_KINDS: Memo[int, _Kind] = Memo()


def per_operator(graph: Graph) -> list[Own]:
    """Each operator's own cost, in the file's order; what is a parameter, `zoodiff.measuring.count.count` says."""
    constants, seen, kinds = graph.constants, set[int](), _kinds(graph)
    costs = [kinds[number].charged for number in graph.kinds]  # as if each were the first to read what it reads
    for at in _apart(graph, kinds):
        node = graph.nodes[at]
        kind = kinds[graph.kinds[at]]
        if kind.cost.uncounted:  # the reason names its tensors
            kind = _kind(node, graph)
        read = [(constants[node.inputs[place]], size) for place, size in kind.places] + kind.inside
        costs[at] = _charged(kind.cost, read, seen) if read else kind.charged
    return costs


def _kinds(graph: Graph) -> dict[int, _Kind]:
    """What is known of each kind that occurs, by its number."""
    known, kinds = _KINDS.opened(), dict[int, _Kind]()
    for number, node, _ in graph.alike:
        kind = known.get(number)
        if kind is None:
            kind = _kind(node, graph)
            if not kind.cost.uncounted and not kind.inside:  # what may name its tensors, or holds them
                known[number] = kind
        kinds[number] = kind  # another thread may make room in what is known
    return kinds


def _apart(graph: Graph, kinds: Mapping[int, _Kind]) -> list[int]:
    """The operators of which something does not hold of all of their kind: they share a parameter, or cannot be
    counted."""
    times = Counter(chain.from_iterable([node.inputs for node in graph.nodes]))
    several = {name for name, number in times.items() if number > 1 and name in graph.constants}
    if any(kind.inside for kind in kinds.values()):
        several.update(graph.constants)  # which may be read inside
    own = {number for number, kind in kinds.items() if kind.inside or kind.cost.uncounted}
    if not several and not own:
        return []
    with_places = {number for number, kind in kinds.items() if kind.places}
    return [
        at
        for at, (number, node) in enumerate(zip(graph.kinds, graph.nodes, strict=True))
        if number in own or (number in with_places and not several.isdisjoint(node.inputs))
    ]


def _kind(node: Node, graph: Graph) -> _Kind:
    cost, places = _cost(node, graph), _places(node, graph)
    return _Kind(cost, _with(cost, [size for _, size in places]) if places else cost, places, _inside(node, graph))


def _cost(node: Node, graph: Graph) -> Own:
    """What an operator computes, without its parameters."""
    try:
        macs, other = cost_of(node, graph)
    except Uncountable as reason:
        return Own(0, 0, 0, uncounted=str(reason))
    return Own(macs, 2 * macs + other, 0)


def _charged(cost: Own, read: _Parameters, seen: set[int]) -> Own:
    """The cost with its parameters; `seen` are the ids of those charged before, and gets those charged here."""
    new = {id(constant): size for constant, size in read if id(constant) not in seen}
    seen.update(new)
    return _with(cost, new.values())


def _with(cost: Own, sizes: Iterable[_Size]) -> Own:
    """The cost with parameters of these sizes."""
    params = statistics = stored = 0
    for size in sizes:
        params += size.params
        statistics += size.statistics
        stored += size.bytes
    return Own(cost.macs, cost.flops, params, statistics, stored, True, cost.uncounted)


def _inside(node: Node, graph: Graph) -> _Parameters:
    """The parameters that are read inside an operator's subgraphs."""
    found: _Parameters = []
    for body in node.subgraphs:
        around = enclosed(body, graph)
        for inner in around.nodes:
            found += [(around.constants[inner.inputs[place]], size) for place, size in _places(inner, around)]
            found += _inside(inner, around)
    return found


def _places(node: Node, graph: Graph) -> _Places:
    """Which of an operator's own inputs are parameters."""
    places: _Places = []
    constants = graph.constants
    if constants.keys().isdisjoint(node.inputs):
        return places
    given = roles().get(key(node), {})
    for place, name in enumerate(node.inputs):
        constant, role = constants.get(name), given.get(place)
        if constant is None or not constant.shape or role is Role.SETTING:
            continue
        if role is Role.WEIGHT or constant.dtype in _WEIGHT_TYPES:
            elements = math.prod(constant.shape)
            statistics = elements if role is Role.STATISTIC else 0
            places.append((place, _Size(elements, statistics, packed(elements, BITS[constant.dtype]))))
    return places


def packed(elements: int, bits: int) -> int:
    """Bytes of a tensor, elements packed and the whole rounded up."""
    return (elements * bits + 7) // 8
