"""Count what a network costs: operations, parameters and memory, whole and by operator, layer and block."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from functools import lru_cache
from itertools import accumulate, chain
from operator import add, sub
from os.path import commonprefix
from typing import TypeVar

import msgspec

from zoodiff.costs._cost import Uncountable, key, size
from zoodiff.kind import MOST, Memo
from zoodiff.measuring.flow import Flow, flow, reads, walk
from zoodiff.measuring.own import BITS, Own, packed, per_operator
from zoodiff.quantity import Quantity
from zoodiff.record import Graph, Node, Shape, Unmeasured

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
    """empty where the parts were not asked for, as is `by_block`"""
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


def count(graph: Graph, *, parts: bool = False) -> Counts:
    """Count a network, in time linear in its size; nothing raises, what cannot be counted is in `uncounted`.

    With `parts`, also by layer and by block.

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
    own, read = per_operator(graph), reads(graph)
    operators = [key(node) for node in graph.nodes]
    uncounted = Counter([(op, o.uncounted) for op, o in zip(operators, own, strict=True) if o.uncounted])
    walked = walk(graph, read, own)
    placed = flow(graph, read, walked) if parts else None
    last = _last_reads(graph, read)
    activations = _activations(graph, own, last, uncounted)
    by_op = tuple([OperatorShare(op=op, **sums) for op, sums in _shares(operators, own).items()])
    return Counts(
        macs=Quantity(sum([share.macs for share in by_op]), "mac"),
        flops=Quantity(sum([share.flops for share in by_op]), "flop"),
        params=Quantity(sum([share.params for share in by_op]), "parameter"),
        statistics=sum([o.statistics for o in own]),
        weight_bytes=sum([o.bytes for o in own]),
        activations=activations,
        peak_activation_bytes=_peak(graph, last),
        layers=sum(walked.weighted),
        by_op=by_op,
        by_layer=_by_layer(placed, own) if placed else (),
        by_block=_by_block(graph.nodes, placed.block, own) if placed else (),
        uncounted=tuple([Uncounted(op, number, reason) for (op, reason), number in uncounted.items()]),
        complete=not uncounted,
    )


# ---------------------------------------------------------------- sums


def _shares(groups: Iterable[_Group], own: list[Own]) -> dict[_Group, dict[str, int]]:
    """The sums of each group of operators, in order of first appearance; `groups` names the group of each operator."""
    sums: dict[_Group, list[int]] = {}
    each = {id(o): o for o in own}  # operators of a kind mostly share one
    for (group, number), times in Counter(zip(groups, map(id, own), strict=True)).items():
        total, o = sums.setdefault(group, [0, 0, 0, 0]), each[number]
        total[0] += times
        total[1] += times * o.macs
        total[2] += times * o.flops
        total[3] += times * o.params
    return {group: dict(zip(Share.__struct_fields__, total, strict=True)) for group, total in sums.items()}


def _by_layer(placed: Flow, own: list[Own]) -> tuple[LayerShare, ...]:
    return tuple(
        [LayerShare(layer=placed.layers[at], **sums) for at, sums in sorted(_shares(placed.layer, own).items())]
    )


def _by_block(nodes: Sequence[Node], block: list[int], own: list[Own]) -> tuple[BlockShare, ...]:
    scopes: defaultdict[int, set[str]] = defaultdict(set)
    for node, number in zip(nodes, block, strict=True):
        if node.scope:
            scopes[number].add(node.scope)
    return tuple(
        [
            BlockShare(block=number, scope=_common(scopes[number]), **sums)
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


def _last_reads(graph: Graph, read: Sequence[Iterable[str]]) -> dict[str, int]:
    """The operator that reads each tensor last; for the graph's outputs the end. What nobody reads is not in it."""
    last = {name: at for at, names in enumerate(read) for name in names}
    last.update({value.name: len(read) for value in graph.outputs})
    return last


def _activations(graph: Graph, own: list[Own], last: dict[str, int], uncounted: Counter[tuple[str, str]]) -> int:
    """Output elements of the operators with macs; outputs that nobody takes are not made."""
    multiplying = [node for node, o in zip(graph.nodes, own, strict=True) if o.macs]
    elements = 0
    for node in multiplying:
        try:
            elements += sum([size(graph, name) for name in node.outputs if name in last])
        except Uncountable as reason:
            uncounted[key(node), f"activations: {reason}"] += 1
    return elements


def _peak(graph: Graph, last: dict[str, int]) -> int | Unmeasured:
    """Most bytes alive at once; Unmeasured where a size is not known or an operator's inside is not laid out."""
    try:
        sizes = {value.name: _stored(graph, value.name) for value in graph.inputs if value.name in last}
        fed = sum(sizes.values())
        made = _made(graph, last, sizes)
    except Uncountable as reason:
        return Unmeasured(str(reason))
    freed = [0] * (len(made) + 1)  # with the end of the network
    for name, at in last.items():
        freed[at] += sizes.get(name, 0)
    before = accumulate(map(sub, made, freed), initial=fed)
    return max(map(add, before, made), default=fed)


def _made(graph: Graph, last: dict[str, int], sizes: dict[str, int]) -> list[int]:
    """Per operator, the bytes of what it makes that is read; `sizes` gets those of each tensor."""
    known, each = _OUTPUTS.opened(), dict[int, tuple[int | None, ...]]()
    for kind, node, _ in graph.alike:
        made = known.get(kind)
        if made is None:
            if node.subgraphs:
                raise Uncountable(f"what {key(node)} keeps in memory while its subgraph runs is not known")
            made = known[kind] = tuple([_bytes(graph.dtype(name), graph.shape(name)) for name in node.outputs])
        each[kind] = made  # another thread may make room in what is known
    stored, outputs = [each[kind] for kind in graph.kinds], [node.outputs for node in graph.nodes]
    found = dict(zip(chain.from_iterable(outputs), chain.from_iterable(stored), strict=True))
    if None not in found.values() and last.keys() >= found.keys():  # as it mostly is
        sizes.update(found)  # type: ignore[arg-type]  # no None among them
        return list(map(sum, stored))  # type: ignore[arg-type]
    sizes.update({name: _stored(graph, name) for name in found if name in last})
    return [sum([sizes[name] for name in names if name in last]) for names in outputs]


_OUTPUTS: Memo[int, tuple[int | None, ...]] = Memo()
"""By kind: the bytes of each output, None where they are not known."""


def _stored(graph: Graph, name: str) -> int:
    dtype = graph.dtype(name)
    stored = _bytes(dtype, graph.shape(name))
    if stored is None:
        raise Uncountable(f"{'shape' if dtype in BITS else 'element type'} of {name!r} is not known")
    return stored


@lru_cache(maxsize=MOST)
def _bytes(dtype: str, shape: Shape | None) -> int | None:
    """Bytes of a tensor, by its type: few differ in a network; None where one of the two is not known."""
    if dtype not in BITS or shape is None or None in shape:
        return None
    return packed(math.prod(shape), BITS[dtype])  # type: ignore[arg-type]  # no None among them
