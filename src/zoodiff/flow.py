"""Follow the activations through a network, and say of which layer and of which block each operator is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from zoodiff.costs._cost import bodies
from zoodiff.own import Own
from zoodiff.record import Graph, Node


class Flow(NamedTuple):
    """Where each operator belongs."""

    layers: list[str]
    """names of the layers; the first is `input`"""
    layer: list[int]
    """per operator, its layer"""
    block: list[int]
    """per operator, its block, from 1"""


def reads(graph: Graph) -> list[Iterable[str]]:
    """Per operator, the distinct tensors that it reads and another makes: constants are not among them.

    They are its inputs, and what its subgraphs take from outside.
    """
    others = {"", *graph.constants}  # the empty string is an optional input that is absent
    return [dict.fromkeys([name for name in _reads(node) if name not in others]) for node in graph.nodes]


def _reads(node: Node) -> Iterable[str]:
    inside = bodies(node)
    if not inside:
        return node.inputs
    names = dict.fromkeys(node.inputs)
    for body in inside:
        inner = [name for n in body.nodes for name in _reads(n)] + [value.name for value in body.outputs]
        names.update(dict.fromkeys([n for n in inner if n not in body.values and n not in body.constants]))
    return names


def flow(graph: Graph, read: Sequence[Iterable[str]], own: Sequence[Own]) -> Flow:
    """Layers and blocks; `read` is `reads(graph)`, `own` is `per_operator(graph)`.

    A layer is a weighted operator (it multiplies an activation and has a parameter, which may reach it through
    operators on constants alone) with what follows along the first activation. A block is a stretch between two points
    where a single tensor carries everything. What is computed from constants and shapes alone belongs where it is
    first used.
    """
    walk = _walk(graph, read, own)
    block = _blocks(graph, walk)
    _adopt(graph, read, walk, block)
    return Flow(walk.layers, walk.layer, block)


class _Walk(NamedTuple):
    layers: list[str]
    layer: list[int]
    carried: list[list[str]]
    """per operator, the activations that it reads: what comes from an input's values, not from its shape alone"""
    weighted: list[bool]
    """per operator, whether it multiplies an activation and has a parameter, directly or computed from constants"""


_SHAPE_READERS = ("Shape", "Size")


def _walk(graph: Graph, read: Sequence[Iterable[str]], own: Sequence[Own]) -> _Walk:
    walk = _Walk(["input"], [], [], [])
    made = dict.fromkeys([value.name for value in graph.inputs], 0)  # activations, and of which layer they are
    derived: set[str] = set()  # what is computed from parameters alone
    for node, names, cost in zip(graph.nodes, read, own, strict=True):
        carried = [] if node.op in _SHAPE_READERS else [name for name in names if name in made]
        has_params = cost.has_params or not derived.isdisjoint(names)
        weighted = has_params and cost.macs > 0 and bool(carried)
        layer = made[carried[0]] if carried else 0
        if weighted:
            layer = len(walk.layers)
            walk.layers.append(node.scope or node.outputs[0])
        if carried:
            made.update(dict.fromkeys(node.outputs, layer))
        elif has_params:
            derived.update(node.outputs)
        walk.layer.append(layer)
        walk.carried.append(carried)
        walk.weighted.append(weighted)
    return walk


def _blocks(graph: Graph, walk: _Walk) -> list[int]:
    """Per operator, its block: found by cutting where a single activation carries everything that is still needed.

    Between two neighbouring cuts lies one operator, or a stretch with branches. A stretch with a weighted operator is
    a block; one without (an activation, a pooling) belongs to the block before it, and the first ones to the first
    block. A second input that is needed throughout, as an attention mask is, leaves nothing to cut.
    """
    last = {name: at for at, names in enumerate(walk.carried) for name in names}
    alive = sum([value.name in last for value in graph.inputs])
    block, stretch, number, has_weight = [1] * len(walk.carried), [], 0, False
    for at, names in enumerate(walk.carried):
        if not names:
            continue
        stretch.append(at)
        has_weight = has_weight or walk.weighted[at]
        for name in graph.nodes[at].outputs:
            alive += name in last
        for name in names:
            alive -= last[name] == at
        if alive > 1:
            continue
        number += has_weight
        if number:
            for member in stretch:
                block[member] = number
            stretch, has_weight = [], False
    return block


def _adopt(graph: Graph, read: Sequence[Iterable[str]], walk: _Walk, block: list[int]) -> None:
    """Put each operator on constants and shapes into the layer and the block of the first that reads it."""
    orphans = [at for at, names in enumerate(walk.carried) if not names]
    if not orphans:
        return
    reader = {name: at for at in reversed(range(len(read))) for name in read[at]}
    for at in reversed(orphans):
        first = min([reader[name] for name in graph.nodes[at].outputs if name in reader], default=None)
        walk.layer[at], block[at] = (walk.layer[first], block[first]) if first is not None else (0, 1)
