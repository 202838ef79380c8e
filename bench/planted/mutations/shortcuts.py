"""Shortcuts around residual branches: cut, or of another kind."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import onnx

from planted.branches import residuals
from planted.mutations import Edit, mutation
from planted.network import Net, attribute, make
from planted.truth import Change


@mutation
def cut_shortcut(net: Net) -> Iterator[Edit]:
    """An identity shortcut is gone: the main branch goes on alone."""
    for node, identity, _ in residuals(net):
        yield partial(_cut, net, node, identity)


@mutation
def shortcut_conv(net: Net) -> Iterator[Edit]:
    """An identity shortcut becomes a 1x1 convolution."""
    for node, identity, _ in residuals(net):
        yield partial(_shortcut_conv, net, node, identity)


@mutation
def shortcut_kind(net: Net) -> Iterator[Edit]:
    """A 1x1 convolution as shortcut becomes a max-pool of its stride, or nothing, where the channels agree."""
    for node in net.nodes:
        if node.op_type != "Add" or any(name not in net.producer for name in node.input):
            continue
        for side in node.input:
            norm = net.producer[side]
            conv = net.producer.get(norm.input[0]) if norm.op_type == "BatchNormalization" else norm
            if conv is None or conv.op_type != "Conv" or net.only_consumer(conv.output[0]) not in (norm, node):
                continue
            out, channels, *kernel_shape = net.shape(conv.input[1])
            if out == channels and kernel_shape == [1, 1] and len(net.consumers[conv.input[0]]) > 1:
                yield partial(_shortcut_kind, net, node, conv, norm)


def _cut(net: Net, node: onnx.NodeProto, identity: str) -> Change:
    main = next(name for name in node.input if name != identity)
    net.remove([node], node.output[0], main)
    also = {"what": ["wiring", "op"]}
    return Change(
        mutation="cut_shortcut", what="layer", op="Shortcut", nodes=[node.output[0]], left=node.op_type, also=also
    )


def _shortcut_conv(net: Net, node: onnx.NodeProto, identity: str) -> Change:
    channels, new = net.shape(identity)[1], net.fresh("planted_shortcut")
    conv = make("Conv", [identity, net.weight((channels, channels, 1, 1), "planted_weight")], new, kernel_shape=[1, 1])
    node.input[:] = [new if name == identity else name for name in node.input]
    net.nodes.append(conv)
    return _shortcut_change("shortcut_conv", node, [node.output[0]], "Identity", "Conv")


def _shortcut_kind(net: Net, node: onnx.NodeProto, conv: onnx.NodeProto, norm: onnx.NodeProto) -> Change:
    steps = attribute(conv, "strides", [1, 1])
    gone = [conv] if norm is conv else [conv, norm]
    names = [node.output[0], *(old.output[0] for old in gone)]
    if steps == [1, 1]:
        net.remove(gone, norm.output[0], conv.input[0])
        return _shortcut_change("shortcut_kind", node, names, "Conv", "Identity")
    pool = make("MaxPool", [conv.input[0]], net.fresh("planted_pool"), kernel_shape=[1, 1], strides=steps)
    net.remove(gone, norm.output[0], pool.output[0])
    net.nodes.append(pool)
    return _shortcut_change("shortcut_kind", node, names, "Conv", "MaxPool")


def _shortcut_change(name: str, node: onnx.NodeProto, place: list[str], left: str, right: str) -> Change:
    nodes = [node.output[0]]
    return Change(mutation=name, what="op", op="Shortcut", nodes=nodes, left=left, right=right, places=[place])
