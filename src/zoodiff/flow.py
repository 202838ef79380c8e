"""Follow the activations through a network, and say of which layer and of which block each operator is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from zoodiff.kind import Memo
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


def reads(graph: Graph) -> list[Sequence[str]]:
    """Per operator, the distinct tensors that it reads and another makes: constants are not among them.

    They are its inputs, and what its subgraphs take from outside.
    """
    others = {"", *graph.constants}  # the empty string is an optional input that is absent
    known = _PLACES.opened()
    for kind, node, _ in graph.alike:
        if kind not in known and not node.subgraphs:
            known[kind] = [at for at, name in enumerate(node.inputs) if name not in others]
    read: list[Sequence[str]] = []
    for kind, node in zip(graph.kinds, graph.nodes, strict=True):
        inputs, where = node.inputs, known.get(kind)
        if where is None:
            names = [name for name in _reads(node) if name not in others]
        else:
            names = [inputs[where[0]]] if len(where) == 1 else [inputs[at] for at in where]
        read.append(names if len(names) < 2 else tuple(dict.fromkeys(names)))
    return read


_PLACES: Memo[int, list[int]] = Memo()
"""By kind: where among its inputs are tensors that another operator makes."""


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
    """What is found on the way through a network, in its order."""

    layers: list[str]
    """names of the layers; the first is `input`"""
    layer: list[int]
    """per operator, its layer"""
    carried: list[Sequence[str]]
    """per operator, the activations that it reads: what comes from an input's values, not from its shape alone"""
    weighted: list[bool]
    """per operator, whether it multiplies an activation and has a parameter, directly or computed from constants"""


def flow(graph: Graph, read: Sequence[Iterable[str]], walked: Walk) -> Flow:
    """Layers and blocks; `read` is `reads(graph)`, `walked` is `walk(graph, read, own)`.

    A block is a stretch between two points where a single tensor carries everything. What is computed from constants
    and shapes alone belongs where it is first used.
    """
    block = _blocks(graph, walked)
    _adopt(graph, read, walked, block)
    return Flow(walked.layers, walked.layer, block)


_SHAPE_READERS = ("Shape", "Size")


def walk(graph: Graph, read: Sequence[Sequence[str]], own: Sequence[Own]) -> Walk:
    """Follow the activations; `read` is `reads(graph)`, `own` is `per_operator(graph)`.

    A layer is a weighted operator (it multiplies an activation and has a parameter, which may reach it through
    operators on constants alone) with what follows along the first activation.
    """
    layers, layer_of, carries, weights = walked = Walk(["input"], [], [], [])
    made = dict.fromkeys([value.name for value in graph.inputs], 0)  # activations, and of which layer they are
    derived: set[str] = set()  # what is computed from parameters alone
    for node, names, cost in zip(graph.nodes, read, own, strict=True):
        if node.op in _SHAPE_READERS:
            carried: Sequence[str] = ()
        elif len(names) == 1:  # as it mostly is
            carried = names if names[0] in made else ()
        else:
            carried = [name for name in names if name in made]
        has_params = cost.has_params or (bool(derived) and not derived.isdisjoint(names))
        weighted = has_params and cost.macs > 0 and bool(carried)
        layer = made[carried[0]] if carried else 0
        if weighted:
            layer = len(layers)
            layers.append(node.scope or node.outputs[0])
        if carried:
            for name in node.outputs:
                made[name] = layer
        elif has_params:
            derived.update(node.outputs)
        layer_of.append(layer)
        carries.append(carried)
        weights.append(weighted)
    return walked


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


def _adopt(graph: Graph, read: Sequence[Iterable[str]], walked: Walk, block: list[int]) -> None:
    """Put each operator on constants and shapes into the layer and the block of the first that reads it."""
    orphans = [at for at, names in enumerate(walked.carried) if not names]
    if not orphans:
        return
    reader = {name: at for at in reversed(range(len(read))) for name in read[at]}
    for at in reversed(orphans):
        first = min([reader[name] for name in graph.nodes[at].outputs if name in reader], default=None)
        walked.layer[at], block[at] = (walked.layer[first], block[first]) if first is not None else (0, 1)
