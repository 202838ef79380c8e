"""Joins: sums, and concatenations in chains or at once."""

from __future__ import annotations

from random import Random

import onnx

from planted.disguises import disguise
from planted.network import Net, attribute, make
from planted.places import half, some


@disguise
def sum_forms(net: Net, random: Random) -> int:
    """Add of two tensors of one shape as Sum, or the other way round."""
    changed = 0
    for node in some(net, random, "Add", "Sum"):
        computed = [name in net.producer and len(net.shape(name)) > 1 for name in node.input]
        if len(node.input) == 2 and all(computed) and net.shape(node.input[0]) == net.shape(node.input[1]):
            node.op_type = "Sum" if node.op_type == "Add" else "Add"
            changed += 1
    return changed


@disguise
def concat_chained(net: Net, random: Random) -> int:
    """A concatenation of many as a chain of concatenations of two."""
    changed = 0
    for node in some(net, random, "Concat"):
        if len(node.input) < 3 or len(net.shape(node.output[0])) < 2:
            continue
        axis, before, chain = attribute(node, "axis", 1), node.input[0], []
        for name in node.input[1:-1]:
            chain.append(make("Concat", [before, name], net.fresh("chained"), axis=axis))
            before = chain[-1].output[0]
        net.replace(node, *chain, make("Concat", [before, node.input[-1]], node.output[0], axis=axis))
        changed += 1
    return changed


@disguise
def concat_merged(net: Net, random: Random) -> int:
    """A concatenation of concatenations as one of all their parts."""
    parts = {node.output[0]: _parts(net, node) for node in net.nodes if node.op_type == "Concat"}
    nested = [node for node in net.nodes if len(parts.get(node.output[0], ())) > len(node.input)]
    chosen = half(nested, random)
    for node in chosen:
        node.input[:] = parts[node.output[0]]
    net.edited()
    _sweep(net)
    return len(chosen)


def _parts(net: Net, node: onnx.NodeProto) -> list[str]:
    """What a concatenation joins, those among its operands taken apart that join on the same axis."""
    parts: list[str] = []
    for name in node.input:
        inner = net.producer.get(name)
        alike = inner is not None and inner.op_type == "Concat" and len(net.shape(name)) > 1
        same = alike and attribute(inner, "axis", 1) == attribute(node, "axis", 1)
        parts += inner.input if same else [name]
    return parts


def _sweep(net: Net) -> None:
    """Remove concatenations that nobody reads any more."""
    while True:
        dead = [
            n
            for n in net.nodes
            if n.op_type == "Concat" and not net.consumers[n.output[0]] and n.output[0] not in net.returned
        ]
        if not dead:
            return
        net.nodes = [node for node in net.nodes if all(node is not other for other in dead)]
        net.edited()
