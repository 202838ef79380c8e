"""Pairs drawn from the bundled snapshots: one network, and the same with changes planted and disguises on top."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from functools import cache
from pathlib import Path
from random import Random
from typing import NamedTuple

import msgspec
import onnx

from planted import disguises
from planted.disguises import DISGUISES
from planted.mutations import MUTATIONS
from planted.network import Illegal, Net, check
from planted.truth import Change, Truth
from zoodiff import measure
from zoodiff.reading import entries, store

NODES = 1500
"""most nodes of a base: larger ones would take most of the time"""
REACH = 3
"""how many steps two planted changes are apart at least"""
TRIES = 8
"""at how many places of a network a change is tried"""
OTHER = 1 << 32
"""from one seed to the one in its place"""


class Pair(NamedTuple):
    """Two networks, and what the second one differs in."""

    a: onnx.ModelProto
    b: onnx.ModelProto
    truth: Truth


@cache
def bases(limit: int = NODES) -> tuple[tuple[str, str, str], ...]:
    """Every bundled graph with at most `limit` nodes: zoo, version, file."""
    found = []
    for entry in entries.snapshots(entries.BUNDLED):
        graphs = {weights.graph for model in store.load(entry.zoo, entry.version) for weights in model.weights}
        found += [(entry.zoo, entry.version, graph) for graph in sorted(filter(None, graphs))]
    return tuple(base for base in found if len(load(base).graph.node) <= limit)


def load(base: tuple[str, str, str]) -> onnx.ModelProto:
    """The graph of a base."""
    zoo, version, file = base
    return onnx.load_from_string(store.skeleton(zoo, version, file, entries.BUNDLED))


def draw(seed: int, mutation: str | None = None) -> Pair:
    """The pair of a seed: nought to two changes that do not touch each other, under one to four disguises.

    A sixth of the pairs are disguise only, half have one change. `mutation` names the only change wanted. Kinds are
    drawn first and bases after, so that rare kinds get their share.
    """
    random = Random(f"pair {seed}")
    wanted = [mutation] if mutation else random.sample(sorted(MUTATIONS), random.choices((0, 1, 2), (1, 3, 2))[0])
    for base in random.sample(bases(), len(bases())):
        if any(not sites(base)[name] for name in wanted):
            continue
        a = load(base)
        try:
            b, changes = mutate(a, wanted, random)
        except Illegal:
            continue
        b, names, renamed = disguise(b, random)
        counts = [measure(model).counts for model in (a, b)]
        truth = Truth(
            base="/".join(base),
            mutations=changes,
            disguises=names,
            macs=[int(count.macs.value) for count in counts],
            params=[int(count.params.value) for count in counts],
            renamed=renamed,
        )
        return Pair(a, b, truth)
    return draw(seed + OTHER, mutation)  # two kinds that no base has room for: draw other ones


@cache
def sites(base: tuple[str, str, str]) -> dict[str, int]:
    """At how many places of a base each mutation could be tried."""
    net = Net(load(base))
    return {name: sum(1 for _ in found(net)) for name, found in MUTATIONS.items()}


def mutate(a: onnx.ModelProto, wanted: list[str], random: Random) -> tuple[onnx.ModelProto, list[Change]]:
    """Plant changes of these kinds. Raises Illegal where one cannot be had, or none away from the others."""
    model, changes, taken = a, list[Change](), list[set[str]]()
    for name in wanted:
        model, change, touched = _plant(model, name, random, list(zip(changes, taken, strict=True)))
        if any(_alike(change, other) for other in changes):
            raise Illegal("two changes that are one")
        changes.append(change)
        taken.append(touched)
    return model, changes


def _alike(one: Change, other: Change) -> bool:
    """Whether two changes are the same one at other places."""
    return all(getattr(one, name) == getattr(other, name) for name in ("kind", "op", "what", "left", "right"))


def _plant(
    model: onnx.ModelProto, name: str, random: Random, earlier: list[tuple[Change, set[str]]]
) -> tuple[onnx.ModelProto, Change, set[str]]:
    before = Net(model)
    places = range(sum(1 for _ in MUTATIONS[name](before)))
    for place in random.sample(places, min(TRIES, len(places))):
        net = Net(model, before.shapes)
        edit = list(MUTATIONS[name](net))[place]
        try:
            change = edit()
            finish(net, before)
        except Illegal:
            continue
        if not net.computed() | before.computed() >= set(change.nodes):
            continue  # what a constant is made of is no part of the network
        touched = _touched(before, net)
        near = _around(before, touched, REACH)
        # a change everywhere is near to all others: it only has to change other nodes
        if all((touched if max(change.count, other.count) > 1 else near).isdisjoint(old) for other, old in earlier):
            return net.model(), change, touched
    raise Illegal(f"{name} finds no place")


def finish(net: Net, before: Net) -> None:
    """Bring an edited network in order and hold it to the rules. Raises Illegal where it breaks one."""
    net.edited()
    _prune(net, before)
    net.nodes = net.ordered()
    net.shapes = net.inferred()
    for value in net.outputs:
        dims = tuple(dim.dim_value for dim in value.type.tensor_type.shape.dim)
        if net.shape(value.name) != dims:
            raise Illegal(f"the network returns {net.shape(value.name)}")
    check(net, before)


def _prune(net: Net, before: Net) -> None:
    """Remove what nobody reads since the edit; what nobody read before stays."""
    while dead := [node for node in net.nodes if _unread(net, node) and not _unread(before, node)]:
        gone = {id(node) for node in dead}
        net.nodes = [node for node in net.nodes if id(node) not in gone]
        net.edited()


def _unread(net: Net, node: onnx.NodeProto) -> bool:
    return not any(net.consumers.get(name) or name in net.returned for name in node.output)


def _touched(before: Net, after: Net) -> set[str]:
    """First outputs of the nodes that came, went, or have other attributes, operands or parameters."""
    states = [{node.output[0]: _state(net, node) for node in net.nodes} for net in (before, after)]
    return {name for name in states[0].keys() | states[1].keys() if states[0].get(name) != states[1].get(name)}


def _state(net: Net, node: onnx.NodeProto) -> tuple[bytes, list[list[int]]]:
    return node.SerializeToString(), [list(net.weights[name].dims) for name in node.input if name in net.weights]


def _around(net: Net, names: set[str], steps: int) -> set[str]:
    """The nodes at most so many steps away."""
    found = set(names)
    for _ in range(steps):
        ahead = {reader.output[0] for name in found for reader in net.consumers.get(name, ())}
        behind = {name for known in found if known in net.producer for name in net.producer[known].input}
        found |= ahead | (behind & net.producer.keys())
    return found


def disguise(model: onnx.ModelProto, random: Random) -> tuple[onnx.ModelProto, list[str], dict[str, str]]:
    """One to four disguises that apply: the model, their names, and what tensors are called since."""
    number, names, renamed = random.randint(1, 4), list[str](), dict[str, str]()
    for name in random.sample(sorted(DISGUISES), len(DISGUISES)):
        if len(names) == number:
            break
        try:
            model, new = disguises.apply(name, Net(model), random)
        except Illegal:
            continue
        names.append(name)
        renamed = new or renamed
    return model, names, renamed


def applicable() -> dict[str, Counter[str]]:
    """How many bases each mutation and each disguise applies to (a mutation: legally, at one of a few places tried)."""
    found = {"mutations": Counter[str](), "disguises": Counter[str]()}
    for base in bases():
        model = load(base)
        shapes = Net(model).shapes
        for name in [name for name, number in sites(base).items() if number]:
            with suppress(Illegal):
                _plant(model, name, Random(0), [])
                found["mutations"][name] += 1
        for name in DISGUISES:
            with suppress(Illegal):
                disguises.apply(name, Net(model, shapes), Random(0))
                found["disguises"][name] += 1
    return found


def evidence(folder: Path) -> Pair:
    """A pair that others planted: a.onnx, b.onnx and truth.json in a folder."""
    a, b = (onnx.load(folder / f"{side}.onnx", load_external_data=False) for side in "ab")
    truth = msgspec.json.decode((folder / "truth.json").read_bytes(), type=Truth)
    truth.renamed = None if "rename" in truth.disguises else {}
    for change in truth.mutations:
        change.count = 1 if change.pair else len(change.nodes)
    return Pair(a, b, truth)
