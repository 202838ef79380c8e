"""Activations: another function, or none."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import onnx

from planted.layers import is_bias
from planted.mutations import Edit, mutation
from planted.network import ACTIVATIONS, Net, assign
from planted.opset import clip_bounds
from planted.single import drop_node
from planted.truth import Change


@mutation
def activation_one(net: Net) -> Iterator[Edit]:
    """One activation is another."""
    for node in _activations(net):
        for op in _others(node.op_type):
            yield partial(_activation_one, net, node, op)


@mutation
def activation_all(net: Net) -> Iterator[Edit]:
    """Every ReLU, or every GELU, is another activation."""
    for old in ("Relu", "Gelu"):
        nodes = [node for node in net.nodes if node.op_type == old]
        if len(nodes) > 1 and all(signed(net, node.input[0]) for node in nodes):
            for op in _others(old):
                yield partial(_activation_all, net, nodes, op)


@mutation
def drop_activation(net: Net) -> Iterator[Edit]:
    """One activation is gone."""
    for node in _activations(net):
        yield partial(drop_node, net, node, "drop_activation", "Activation")


def _activations(net: Net) -> Iterator[onnx.NodeProto]:
    for node in net.nodes:
        decomposed = (
            node.op_type == "Clip" and net.op(node.input[0]) == "Add" and is_bias(net, net.producer[node.input[0]])
        )
        relu6 = node.op_type != "Clip" or clip_bounds(net, node) == (0.0, 6.0)
        if node.op_type in ACTIVATIONS and not decomposed and relu6 and signed(net, node.input[0]):
            yield node


def signed(net: Net, name: str) -> bool:
    """Whether a tensor may well be negative, so that an activation on it matters."""
    node = net.producer.get(name)
    if node is None:
        return False
    if node.op_type in ("Conv", "BatchNormalization", "Gemm", "MatMul", "LayerNormalization"):
        return True
    if node.op_type in ("Identity", "Reshape", "Transpose", "MaxPool"):
        return signed(net, node.input[0])
    return node.op_type in ("Add", "Sum") and any(name in net.weights or signed(net, name) for name in node.input)


def _others(op: str) -> tuple[str, ...]:
    return ("Relu",) if op != "Relu" else ("LeakyRelu", "Softplus", "Clip", "Sigmoid")


def _turn(net: Net, node: onnx.NodeProto, op: str) -> None:
    node.op_type = op
    del node.attribute[:]
    del node.input[1:]
    if op == "Clip" and net.opset < 11:
        assign(node, min=0.0, max=6.0)
    elif op == "Clip":
        node.input.extend([net.constant(0.0), net.constant(6.0)])


def _activation_one(net: Net, node: onnx.NodeProto, op: str) -> Change:
    old = node.op_type
    _turn(net, node, op)
    return Change(mutation="activation_one", what="op", op="Activation", nodes=[node.output[0]], left=old, right=op)


def _activation_all(net: Net, nodes: list[onnx.NodeProto], op: str) -> Change:
    old, names = nodes[0].op_type, [node.output[0] for node in nodes]
    for node in nodes:
        _turn(net, node, op)
    return Change(
        mutation="activation_all", what="op", op="Activation", nodes=names, left=old, right=op, count=len(names)
    )
