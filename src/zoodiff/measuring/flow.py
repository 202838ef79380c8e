"""Follow the activations through a network, and say of which layer and of which block each operator is."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from functools import partial
from operator import itemgetter
from typing import NamedTuple

from zoodiff.kind import Memo
from zoodiff.measuring.own import Own
from zoodiff.record import Graph, Node


class Flow(NamedTuple):
    """Where each operator belongs."""

    layers: list[str]
    """names of the layers; the first is `input`"""
    layer: list[int]
    """per operator, its layer"""
    block: list[int]
    """per operator, its block, from 1"""


def reads(graph: Graph) -> list[tuple[str, ...]]:
    """Per operator, the tensors that it reads and another makes, in its order: constants are not among them.

    They are its inputs, and what its subgraphs take from outside.
    """
    constants, known, takes = graph.constants, _TAKES.opened(), dict[int, _Take]()
    for kind, node, _ in graph.alike:
        take = known.get(kind)
        if take is None:
            take = _taking([at for at, name in enumerate(node.inputs) if name and name not in constants])
            if node.subgraphs:
                take = partial(_outer, node, constants)
            else:
                known[kind] = take
        takes[kind] = take  # another thread may make room in what is known
    return [takes[kind](node.inputs) for kind, node in zip(graph.kinds, graph.nodes, strict=True)]


_Take = Callable[[tuple[str, ...]], tuple[str, ...]]
_TAKES: Memo[int, _Take] = Memo()
"""By kind: takes from an operator's inputs the tensors that another operator makes."""


def _taking(places: Sequence[int]) -> _Take:
    """What takes those at these places."""
    first, end = (places[0], places[-1] + 1) if places else (0, 0)
    return itemgetter(slice(first, end)) if end - first == len(places) else itemgetter(*places)


def _outer(node: Node, constants: Container[str], _: tuple[str, ...]) -> tuple[str, ...]:
    """What an operator with subgraphs reads of others."""
    return tuple([name for name in dict.fromkeys(_reads(node)) if name and name not in constants])


def _reads(node: Node) -> Iterable[str]:
    inside = node.subgraphs
    if not inside:
        return node.inputs
    names = dict.fromkeys(node.inputs)
    for body in inside:
        inner = [name for n in body.nodes for name in _reads(n)] + [value.name for value in body.outputs]
        names.update(dict.fromkeys([n for n in inner if n not in body.values and n not in body.constants]))
    return names


class Walk(NamedTuple):
    """What is found on the way through a network, per operator in its order."""

    carried: Sequence[Sequence[str]]
    """the activations that it reads: what comes from an input's values, not from its shape alone"""
    weighted: list[bool]
    """whether it multiplies an activation and has a parameter, directly or computed from constants"""


def flow(graph: Graph, read: Sequence[Iterable[str]], walked: Walk) -> Flow:
    """Layers and blocks; `read` is `reads(graph)`, `walked` is `walk(graph, read, own)`.

    A layer is a weighted operator with what follows along the first activation. A block is a stretch between two
    points where a single tensor carries everything. What is computed from constants and shapes alone belongs where it
    is first used.
    """
    layers, layer, block = *_layers(graph, walked), _blocks(graph, walked)
    _adopt(graph, read, walked, layer, block)
    return Flow(layers, layer, block)


_SHAPE_READERS = frozenset({"Shape", "Size"})


def walk(graph: Graph, read: Sequence[Sequence[str]], own: Sequence[Own]) -> Walk:
    """Follow the activations; `read` is `reads(graph)`, `own` is `per_operator(graph)`.

    An operator is weighted that multiplies an activation and has a parameter, which may reach it through operators on
    constants alone.
    """
    if all(read) and _SHAPE_READERS.isdisjoint([node.op for _, node, _ in graph.alike]):  # nothing but activations
        return Walk(read, [cost.has_params and cost.macs > 0 for cost in own])
    carries: list[Sequence[str]] = []
    weights: list[bool] = []
    made = {value.name for value in graph.inputs}  # the activations
    derived: set[str] = set()  # what is computed from parameters alone
    for node, names, cost in zip(graph.nodes, read, own, strict=True):
        carried = [name for name in names if name in made] if node.op not in _SHAPE_READERS else []
        has_params = cost.has_params or not derived.isdisjoint(names)
        if carried:
            made.update(node.outputs)
        elif has_params:
            derived.update(node.outputs)
        carries.append(carried)
        weights.append(has_params and cost.macs > 0 and bool(carried))
    return Walk(carries, weights)


def _layers(graph: Graph, walked: Walk) -> tuple[list[str], list[int]]:
    """The layers' names, and per operator its layer; 0 for what is not carried."""
    layers, layer_of = ["input"], []
    made = dict.fromkeys([value.name for value in graph.inputs], 0)  # of which layer each activation is
    for node, carried, weighted in zip(graph.nodes, walked.carried, walked.weighted, strict=True):
        layer = made[carried[0]] if carried else 0
        if weighted:
            layer = len(layers)
            layers.append(node.scope or node.outputs[0])
        if carried:
            made.update(dict.fromkeys(node.outputs, layer))
        layer_of.append(layer)
    return layers, layer_of


def _blocks(graph: Graph, walked: Walk) -> list[int]:
    """Per operator, its block: found by cutting where a single activation carries everything that is still needed.

    Between two neighbouring cuts lies one operator, or a stretch with branches. A stretch with a weighted operator is
    a block; one without (an activation, a pooling) belongs to the block before it, and the first ones to the first
    block. A second input that is needed throughout, as an attention mask is, leaves nothing to cut.
    """
    last = {name: at for at, names in enumerate(walked.carried) for name in names}
    alive = sum([value.name in last for value in graph.inputs])
    block, stretch, number, has_weight = [1] * len(walked.carried), [], 0, False
    for at, names in enumerate(walked.carried):
        if not names:
            continue
        stretch.append(at)
        has_weight = has_weight or walked.weighted[at]
        for name in graph.nodes[at].outputs:
            alive += name in last
        for name in set(names):
            alive -= last[name] == at
        if alive > 1:
            continue
        number += has_weight
        if number:
            for member in stretch:
                block[member] = number
            stretch, has_weight = [], False
    return block


def _adopt(graph: Graph, read: Sequence[Iterable[str]], walked: Walk, layer: list[int], block: list[int]) -> None:
    """Put each operator on constants and shapes into the layer and the block of the first that reads it."""
    orphans = [at for at, names in enumerate(walked.carried) if not names]
    if not orphans:
        return
    reader = {name: at for at in reversed(range(len(read))) for name in read[at]}
    for at in reversed(orphans):
        first = min([reader[name] for name in graph.nodes[at].outputs if name in reader], default=None)
        layer[at], block[at] = (layer[first], block[first]) if first is not None else (0, 1)
