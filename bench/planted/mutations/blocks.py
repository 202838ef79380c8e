"""Whole blocks that are gone: residual units, and layers of dense blocks."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import onnx

from planted.branches import branch, residuals
from planted.follow import follow
from planted.mutations import Edit, mutation
from planted.network import ACTIVATIONS, Net, Shape, attribute
from planted.truth import Change


@mutation
def drop_block(net: Net) -> Iterator[Edit]:
    """A residual unit with an identity shortcut, or a layer of a dense block, is gone."""
    units = list(residuals(net))
    runs = _runs(net, units)
    for at, (node, identity, nodes) in enumerate(units):
        after = net.only_consumer(node.output[0])
        last = (
            after if after is not None and after.op_type in ACTIVATIONS and net.op(identity) == after.op_type else node
        )
        yield partial(_drop_block, net, [*nodes, node], last, identity, runs[at])
    dense = list(_dense_layers(net))
    for nodes in dense:
        alike = [other for other in dense if net.shape(other[-1].input[1]) == net.shape(nodes[-1].input[1])]
        yield partial(_drop_dense, net, nodes, [node.output[0] for other in alike for node in other])


def _dense_layers(net: Net) -> Iterator[list[onnx.NodeProto]]:
    """Layers whose output is joined to their input: their nodes, the concatenation last."""
    for node in net.nodes:
        shaped = all(len(net.shape(name)) == 4 for name in node.input)
        if node.op_type == "Concat" and attribute(node, "axis", 1) == 1 and len(node.input) == 2 and shaped:
            nodes = branch(net, node.input[0], node.input[1])
            if nodes and any(inner.op_type == "Conv" for inner in nodes):
                yield [*nodes, node]


def _drop_block(net: Net, nodes: list[onnx.NodeProto], last: onnx.NodeProto, identity: str, run: list[str]) -> Change:
    gone = nodes if last is nodes[-1] else [*nodes, last]
    net.remove(gone, last.output[0], identity)
    return _block_change("drop_block", gone, run)


def _drop_dense(net: Net, nodes: list[onnx.NodeProto], run: list[str]) -> Change:
    join = nodes[-1]
    grown = net.shape(join.input[1])[1]
    follow(net, join.output[0], 1, -grown)
    net.remove(nodes, join.output[0], join.input[0])
    return _block_change("drop_block", nodes, run)


def _block_change(name: str, gone: list[onnx.NodeProto], run: list[str]) -> Change:
    names = [node.output[0] for node in gone]
    places = [sorted({*names, *run})]
    return Change(mutation=name, what="layer", op="Block", nodes=names, left="Block", places=places)


def _runs(net: Net, units: list[tuple[onnx.NodeProto, str, list[onnx.NodeProto]]]) -> list[list[str]]:
    """Per residual unit, the nodes of all units of the same layers and size: which of them is gone cannot be told."""
    kinds = [(net.shape(identity), _kind(net, nodes)) for _, identity, nodes in units]
    found = []
    for kind in kinds:
        alike = [unit for unit, other in zip(units, kinds, strict=True) if other == kind]
        names = [inner.output[0] for node, _, nodes in alike for inner in (*nodes, node)]
        ends = [reader.output[0] for node, _, _ in alike for reader in net.consumers[node.output[0]]]
        found.append(names + ends)
    return found


def _kind(net: Net, nodes: list[onnx.NodeProto]) -> list[tuple[str, Shape]]:
    return [(node.op_type, net.shape(node.output[0])) for node in nodes]
