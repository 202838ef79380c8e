"""Layers that come in: a convolution with its activation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import onnx

from planted.mutations import Edit, mutation
from planted.network import Net, assign, make
from planted.truth import Change


@mutation
def insert_conv(net: Net) -> Iterator[Edit]:
    """A 3x3 convolution with its ReLU, after a ReLU, where the convolutions before and after are of another kind."""
    for node in net.nodes:
        shape = net.shape(node.output[0])
        if node.op_type == "Relu" and len(shape) == 4 and min(shape[2:]) > 3:
            around = [*_ahead(net, node.output[0]), *_behind(net, node.input[0])]
            if all(not _looks_inserted(net, conv) for conv in around):
                yield partial(_insert_conv, net, node.output[0], shape[1])


def _insert_conv(net: Net, name: str, channels: int) -> Change:
    middle, last = net.fresh("planted_conv"), net.fresh("planted_relu")
    conv = make("Conv", [name, net.weight((channels, channels, 3, 3), "planted_weight")], middle, pads=[1, 1, 1, 1])
    assign(conv, kernel_shape=[3, 3])
    net.redirect(name, last)
    net.nodes += [conv, make("Relu", [middle], last)]
    return Change(mutation="insert_conv", what="layer", op="Conv", nodes=[middle], right="Conv", companions=["Relu"])


def _looks_inserted(net: Net, node: onnx.NodeProto) -> bool:
    shape = net.shape(node.input[1])
    return len(shape) == 4 and shape[0] == shape[1] and shape[2:] == (3, 3)


def _ahead(net: Net, name: str) -> list[onnx.NodeProto]:
    """The next convolutions after a tensor."""
    return _walk([name], lambda node: node.output, lambda name: net.consumers[name])


def _behind(net: Net, name: str) -> list[onnx.NodeProto]:
    """The last convolutions before a tensor."""
    return _walk([name], lambda node: node.input, lambda name: [net.producer[name]] if name in net.producer else [])


def _walk(
    names: list[str],
    onward: Callable[[onnx.NodeProto], list[str]],
    nodes: Callable[[str], list[onnx.NodeProto]],
) -> list[onnx.NodeProto]:
    found, seen = [], set(names)
    while names:
        for node in nodes(names.pop()):
            if node.op_type == "Conv":
                found.append(node)
                continue
            new = [name for name in onward(node) if name not in seen]
            seen.update(new)
            names += new
    return found
