"""Count what a network costs: operations, parameters and memory, whole and by operator, layer and block."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Container, Hashable, Iterable, Sequence
from os.path import commonprefix
from typing import NamedTuple, TypeVar

import msgspec

from zoodiff.costs._cost import Cost, Role, Uncountable, bodies, cost_of, enclosed, key, roles, size
from zoodiff.quantity import Quantity
from zoodiff.record import Constant, Graph, Node, Unmeasured

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


_Group = TypeVar("_Group", bound=Hashable)


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """What a part of the network has of the whole; the parts of one kind add up to it exactly."""

    count: int
    """operators"""
    macs: int
    flops: int
    params: int


class OperatorShare(Share, frozen=True, kw_only=True):
    """All operators of one type together."""

    op: str


class LayerShare(Share, frozen=True, kw_only=True):
    """One weighted operator and the weightless ones that follow it."""

    layer: str
    """the weighted operator's scope, or its output's name; `input` for what comes before the first"""


class BlockShare(Share, frozen=True, kw_only=True):
    """One stretch of the network through whose ends everything passes (a residual unit, an inception module)."""

    block: int
    """position, from 1"""
    scope: str
    """the scope that its operators have in common; empty where there is none"""


class Uncounted(msgspec.Struct, frozen=True):
    """Operators whose cost is not in the totals, and why."""

    op: str
    count: int
    reason: str


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """What one network costs at the input sizes that its graph has.

    All numbers are exact integers. Where `complete` is false, some operators are in `uncounted`, and `macs`, `flops`
    and `activations` are lower bounds.
    """

    macs: Quantity
    """multiplications inside convolutions, matrix products, attention and recurrent operators, padding included"""
    flops: Quantity
    """2 per multiply-accumulate and every other operation by its operator's rule"""
    params: Quantity
    """elements of the distinct constants that feed operators as data (see `count`)"""
    statistics: int
    """those of `params` that are running means and variances; without them: what training learns"""
    weight_bytes: int
    """bytes of the parameters, each tensor of sub-byte elements rounded up"""
    activations: int
    """output elements of the operators that have multiply-accumulates (Radosavovic et al. 2020, section 3)"""
    peak_activation_bytes: int | Unmeasured
    """most bytes of tensors alive at once, run in the file's order, with no buffer shared or reused in place"""
    layers: int
    """operators on an activation that have both multiply-accumulates and a parameter"""
    by_op: tuple[OperatorShare, ...]
    """in order of first appearance, as are layers and blocks"""
    by_layer: tuple[LayerShare, ...]
    by_block: tuple[BlockShare, ...]
    uncounted: tuple[Uncounted, ...]
    complete: bool

    @property
    def least_bytes(self) -> int:
        """Bytes of 32-bit weights that a file of this network needs at the least.

        That is with batch normalization folded into the convolutions: its running mean, running variance and scale (of
        one size each) are gone, and a bias is left.
        """
        return 4 * (self.params.value - self.statistics * 3 // 2)


def count(graph: Graph) -> Counts:
    """Count a network, in time linear in its size; nothing raises, what cannot be counted is in `uncounted`.

    Parameters are the elements of constants of rank 1 or more that feed operators as data and are floating point or
    integers of at most 8 bits; also int32 where it is the bias of a quantised operator or is dequantised. No scalars,
    no shapes, axes or indices, no quantisation scales or zero points, no settings such as the scales of Resize. Each
    distinct tensor counts once, charged to its first use; tensors that nothing uses do not count. Running means and
    variances are parameters, and are counted apart too. Tensors that an operator packs count as they are stored.

    A layer is a weighted operator (multiply-accumulates and a parameter, which may reach it through operators on
    constants alone, such as DequantizeLinear) with what follows along the first data input. A block is a stretch
    between two points where a single tensor carries everything; see `_blocks`. What is computed from constants
    and shapes alone belongs where it is first used. An operator with subgraphs is one operator with their cost.

    Peak memory: a tensor lives from the operator that makes it to the last that reads it, graph inputs from the start
    to their last use, graph outputs to the end; parameters are not in it.
    """
    operators = [key(node) for node in graph.nodes]
    hosts = {at: node for at, node in enumerate(graph.nodes) if bodies(node)}
    reads = [_reads(node) if at in hosts else _inputs(node) for at, node in enumerate(graph.nodes)]
    uncounted: Counter[tuple[str, str]] = Counter()
    costs = []
    for operator, node in zip(operators, graph.nodes, strict=True):
        try:
            costs.append(cost_of(node, graph))
        except Uncountable as reason:
            costs.append(Cost())
            uncounted[operator, str(reason)] += 1
    weights = _weights(graph, operators, hosts)
    own = [Own(cost.macs, 2 * cost.macs + cost.other, w.params) for cost, w in zip(costs, weights, strict=True)]
    flow = _flow(graph, reads, [cost.macs > 0 for cost in costs], [w.any for w in weights])
    activations = _activations(graph, operators, reads, costs, uncounted)
    return Counts(
        macs=Quantity(sum(o.macs for o in own), "mac"),
        flops=Quantity(sum(o.flops for o in own), "flop"),
        params=Quantity(sum(o.params for o in own), "parameter"),
        statistics=sum(w.statistics for w in weights),
        weight_bytes=sum(w.bytes for w in weights),
        activations=activations,
        peak_activation_bytes=_peak(graph, operators, hosts, reads),
        layers=len(flow.layers) - 1,
        by_op=tuple([OperatorShare(op=op, **sums) for op, sums in _shares(operators, own).items()]),
        by_layer=tuple(
            [LayerShare(layer=flow.layers[at], **sums) for at, sums in sorted(_shares(flow.layer, own).items())]
        ),
        by_block=_by_block(graph.nodes, flow.block, own),
        uncounted=tuple([Uncounted(op, number, reason) for (op, reason), number in uncounted.items()]),
        complete=not uncounted,
    )


# ---------------------------------------------------------------- what one operator has


class Own(NamedTuple):
    """What one operator of a file costs; the operators' sums are the network's totals."""

    macs: int
    flops: int
    params: int
    """elements of the constants that it is the first to use"""


def per_operator(graph: Graph) -> list[Own]:
    """Each operator's own cost, in the file's order; an operator that cannot be counted has no macs and no flops."""
    operators = [key(node) for node in graph.nodes]
    hosts = {at: node for at, node in enumerate(graph.nodes) if bodies(node)}
    costs = []
    for node in graph.nodes:
        try:
            costs.append(cost_of(node, graph))
        except Uncountable:
            costs.append(Cost())
    weights = _weights(graph, operators, hosts)
    return [Own(cost.macs, 2 * cost.macs + cost.other, w.params) for cost, w in zip(costs, weights, strict=True)]


class _Weights(NamedTuple):
    params: int
    statistics: int
    bytes: int
    any: bool
    """whether the operator has a parameter at all, be it charged to an earlier one"""


_NO_WEIGHTS = _Weights(0, 0, 0, False)


def _inputs(node: Node) -> list[str]:
    """The distinct tensors that an operator reads."""
    names = node.inputs
    if len(names) == 1:
        return list(names)
    return [name for name in dict.fromkeys(names) if name]


def _reads(node: Node) -> list[str]:
    """Its inputs, and what its subgraphs take from outside."""
    names = dict.fromkeys(_inputs(node))
    for body in bodies(node):
        inner = [name for n in body.nodes for name in _reads(n)] + [value.name for value in body.outputs]
        names.update(dict.fromkeys([n for n in inner if n not in body.values and n not in body.constants]))
    return list(names)


def _weights(graph: Graph, operators: Sequence[str], hosts: Container[int]) -> list[_Weights]:
    """Per operator, the parameters that it is the first to use."""
    seen: set[int] = set()
    found = []
    for at, node in enumerate(graph.nodes):
        read = _parameters(node, operators[at], graph)
        if at in hosts:
            read += _inside(node, graph)
        if not read:
            found.append(_NO_WEIGHTS)
            continue
        params = statistics = stored = 0
        for constant, role in read:
            if id(constant) not in seen:
                seen.add(id(constant))
                elements = math.prod(constant.shape)
                params += elements
                statistics += elements if role is Role.STATISTIC else 0
                stored += _bytes(elements, constant.dtype)
        found.append(_Weights(params, statistics, stored, True))
    return found


def _parameters(node: Node, operator: str, graph: Graph) -> list[tuple[Constant, Role | None]]:
    """The parameters among an operator's inputs, with their roles."""
    constants, own, found = graph.constants, roles().get(operator), []
    for position, name in enumerate(node.inputs):
        if name in constants:
            constant = constants[name]
            role = own.get(position) if own else None
            data = role is Role.WEIGHT or (constant.dtype in _WEIGHT_TYPES and role is not Role.SETTING)
            if data and constant.shape:
                found.append((constant, role))
    return found


def _inside(node: Node, graph: Graph) -> list[tuple[Constant, Role | None]]:
    """The parameters that the operators in its subgraphs read."""
    found = []
    for body in bodies(node):
        inside = enclosed(body, graph)
        for inner in inside.nodes:
            found += _parameters(inner, key(inner), inside) + _inside(inner, inside)
    return found


def _bytes(elements: int, dtype: str) -> int:
    """Bytes of a tensor, elements packed and the whole rounded up."""
    return (elements * BITS[dtype] + 7) // 8


def _activations(
    graph: Graph, operators: list[str], reads: list[list[str]], costs: list[Cost], uncounted: Counter[tuple[str, str]]
) -> int:
    """Output elements of the operators with macs; outputs that nobody takes are not made."""
    taken = {name for names in reads for name in names} | {value.name for value in graph.outputs}
    elements = 0
    for operator, node, cost in zip(operators, graph.nodes, costs, strict=True):
        if cost.macs:
            try:
                elements += sum([size(graph, name) for name in node.outputs if name in taken])
            except Uncountable as reason:
                uncounted[operator, f"activations: {reason}"] += 1
    return elements


# ---------------------------------------------------------------- layers and blocks


class _Flow(NamedTuple):
    layers: list[str]
    """names of the layers; the first is `input`"""
    layer: list[int]
    """per operator, its layer"""
    block: list[int]
    """per operator, its block, from 1"""


def _flow(graph: Graph, reads: list[list[str]], multiplies: list[bool], has_weight: list[bool]) -> _Flow:
    """Follow the activations through the network and say where each operator belongs."""
    carried = _carried(graph, reads)
    weighted = _weighted(graph.nodes, reads, carried, multiplies, has_weight)
    layers, layer = _layers(graph.nodes, carried, weighted)
    block = _blocks(graph, carried, weighted)
    reader = {name: at for at in reversed(range(len(reads))) for name in reads[at]}
    for at in reversed(range(len(reads))):
        if not carried[at]:
            first = min([reader[name] for name in graph.nodes[at].outputs if name in reader], default=None)
            layer[at], block[at] = (layer[first], block[first]) if first is not None else (0, 1)
    return _Flow(layers, layer, block)


def _carried(graph: Graph, reads: list[list[str]]) -> list[list[str]]:
    """Per operator, the activations that it reads: what comes from an input's values, not from its shape alone.

    Empty for an operator on constants and shapes.
    """
    activations = {value.name for value in graph.inputs}
    carried = []
    for node, names in zip(graph.nodes, reads, strict=True):
        taken = [] if node.op in _SHAPE_READERS else [name for name in names if name in activations]
        carried.append(taken)
        if taken:
            activations.update(node.outputs)
    return carried


_SHAPE_READERS = ("Shape", "Size")


def _weighted(
    nodes: Sequence[Node],
    reads: list[list[str]],
    carried: list[list[str]],
    multiplies: list[bool],
    has_weight: list[bool],
) -> list[bool]:
    """Per operator, whether it multiplies an activation and has a parameter, directly or computed from constants."""
    derived: set[str] = set()
    weighted = []
    for at, node in enumerate(nodes):
        has = has_weight[at] or (bool(derived) and not derived.isdisjoint(reads[at]))
        if has and not carried[at]:
            derived.update(node.outputs)
        weighted.append(has and multiplies[at] and bool(carried[at]))
    return weighted


def _layers(nodes: Sequence[Node], carried: list[list[str]], weighted: list[bool]) -> tuple[list[str], list[int]]:
    """Names of the layers, and per operator the layer of the nearest weighted one up its first activation."""
    names, layer = ["input"], []
    made: dict[str, int] = {}
    for node, taken, is_weighted in zip(nodes, carried, weighted, strict=True):
        if is_weighted:
            own = len(names)
            names.append(node.scope or node.outputs[0])
        else:
            own = made.get(taken[0], 0) if taken else 0
        layer.append(own)
        if taken:
            made.update(dict.fromkeys(node.outputs, own))
    return names, layer


def _blocks(graph: Graph, carried: list[list[str]], weighted: list[bool]) -> list[int]:
    """Per operator, its block: found by cutting where a single activation carries everything that is still needed.

    Between two neighbouring cuts lies one operator, or a stretch with branches. A stretch with a weighted operator is
    a block; one without (an activation, a pooling) belongs to the block before it, and the first ones to the first
    block. A second input that is needed throughout, as an attention mask is, leaves nothing to cut.
    """
    last = {name: at for at, names in enumerate(carried) for name in names}
    alive = sum([value.name in last for value in graph.inputs])
    block, stretch, number = [1] * len(carried), [], 0
    for at, names in enumerate(carried):
        if not names:
            continue
        stretch.append(at)
        alive += sum([name in last for name in graph.nodes[at].outputs]) - sum([last[name] == at for name in names])
        if alive > 1:
            continue
        if any(weighted[member] for member in stretch):
            number += 1
        if number:
            for member in stretch:
                block[member] = number
            stretch = []
    return block


# ---------------------------------------------------------------- sums


def _shares(groups: Iterable[_Group], own: list[Own]) -> dict[_Group, dict[str, int]]:
    """The sums of each group of operators, in order of first appearance; `groups` names the group of each operator."""
    sums: dict[_Group, list[int]] = {}
    for group, (macs, flops, params) in zip(groups, own, strict=True):
        total = sums.setdefault(group, [0, 0, 0, 0])
        total[0] += 1
        total[1] += macs
        total[2] += flops
        total[3] += params
    return {group: dict(zip(Share.__struct_fields__, total, strict=True)) for group, total in sums.items()}


def _by_block(nodes: Sequence[Node], block: list[int], own: list[Own]) -> tuple[BlockShare, ...]:
    scopes: dict[int, set[str]] = {}
    for node, number in zip(nodes, block, strict=True):
        if node.scope:
            scopes.setdefault(number, set()).add(node.scope)
    return tuple(
        [
            BlockShare(block=number, scope=_common(scopes.get(number, set())), **sums)
            for number, sums in sorted(_shares(block, own).items())
        ]
    )


def _common(scopes: set[str]) -> str:
    """The path that all scopes begin with: whole steps between slashes or dots."""
    prefix = commonprefix(list(scopes))  # noqa: RUF071  # by characters: cut to whole steps below
    if any(scope[len(prefix) : len(prefix) + 1] not in ("", "/", ".") for scope in scopes):
        prefix = prefix[: max(prefix.rfind("/"), prefix.rfind(".")) + 1]
    return prefix.rstrip("/.")


# ---------------------------------------------------------------- memory


def _peak(graph: Graph, operators: list[str], hosts: Container[int], reads: list[list[str]]) -> int | Unmeasured:
    """Most bytes alive at once; Unmeasured where a size is not known or an operator's inside is not laid out."""
    last = {name: at for at, names in enumerate(reads) for name in names}
    last.update({value.name: len(reads) for value in graph.outputs})
    alive: dict[str, int] = {}
    try:
        for value in graph.inputs:
            if value.name in last:
                alive[value.name] = _stored(graph, value.name)
        now = peak = sum(alive.values())
        for at, node in enumerate(graph.nodes):
            if at in hosts:
                raise Uncountable(f"what {operators[at]} keeps in memory while its subgraph runs is not known")
            for name in node.outputs:
                if name in last:
                    alive[name] = _stored(graph, name)
                    now += alive[name]
            peak = max(peak, now)
            for name in reads[at]:
                if last[name] == at and name in alive:
                    now -= alive.pop(name)
    except Uncountable as reason:
        return Unmeasured(str(reason))
    return peak


def _stored(graph: Graph, name: str) -> int:
    dtype = graph.dtype(name)
    if dtype not in BITS:
        raise Uncountable(f"element type of {name!r} is not known")
    return _bytes(size(graph, name), dtype)
