"""Normalizations: one is gone, or has another epsilon."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import onnx

from planted.mutations import Edit, mutation
from planted.network import Net, assign, attribute
from planted.single import drop_node
from planted.truth import Change


@mutation
def drop_bn(net: Net) -> Iterator[Edit]:
    """One batch normalization of many is gone."""
    nodes = [node for node in net.nodes if node.op_type == "BatchNormalization"]
    for node in nodes if len(nodes) > 8 else ():
        yield partial(drop_node, net, node, "drop_bn", "Normalization")


@mutation
def drop_lrn(net: Net) -> Iterator[Edit]:
    """One local response normalization is gone."""
    for node in net.nodes:
        if node.op_type == "LRN":
            yield partial(drop_node, net, node, "drop_lrn", "Normalization")


@mutation
def bn_epsilon(net: Net) -> Iterator[Edit]:
    """One batch normalization has another epsilon."""
    for node in net.nodes:
        if node.op_type == "BatchNormalization":
            yield partial(_epsilon, [node], "bn_epsilon")


@mutation
def bn_epsilon_all(net: Net) -> Iterator[Edit]:
    """All batch normalizations have another epsilon."""
    nodes = [node for node in net.nodes if node.op_type == "BatchNormalization"]
    if len(nodes) > 1 and len({_eps(node) for node in nodes}) == 1:
        yield partial(_epsilon, nodes, "bn_epsilon_all")


@mutation
def ln_epsilon(net: Net) -> Iterator[Edit]:
    """One layer normalization has another epsilon."""
    for node in net.nodes:
        if node.op_type == "LayerNormalization":
            yield partial(_epsilon, [node], "ln_epsilon")


def _eps(node: onnx.NodeProto) -> float:
    return attribute(node, "epsilon", 1e-5)


def _epsilon(nodes: list[onnx.NodeProto], name: str) -> Change:
    old = _eps(nodes[0])
    new = 1e-3 if old < 5e-4 else 1e-5
    for node in nodes:
        assign(node, epsilon=new)
    names = [node.output[0] for node in nodes]
    also = {"op": ["Normalization"]}
    return Change(
        mutation=name, what="epsilon", op=nodes[0].op_type, nodes=names, left=old, right=new, count=len(names),
        group="detail", also=also,
    )  # fmt: skip
