"""Poolings: the mean or the maximum, and sizes rounded up or down."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import onnx

from planted.mutations import Edit, mutation
from planted.network import Illegal, Net, Window, assign, attribute
from planted.single import set_attribute
from planted.truth import Change


@mutation
def pool_type(net: Net) -> Iterator[Edit]:
    """One pooling takes the mean for the maximum, or the other way round."""
    for node in net.nodes:
        if node.op_type not in ("MaxPool", "AveragePool") or len(node.output) > 1 or len(net.shape(node.input[0])) != 4:
            continue
        window = Window(net, node)
        if max(window.kernel) > 1 and window.dilations == [1, 1] and min(window.size) > max(window.kernel):
            if attribute(node, "ceil_mode", 0) and net.opset < 10:
                continue
            yield partial(_pool_type, node, "AveragePool" if node.op_type == "MaxPool" else "MaxPool")


@mutation
def ceil_mode(net: Net) -> Iterator[Edit]:
    """A pooling rounds its size up or down, where that is another size."""
    for node in net.nodes:
        if node.op_type == "MaxPool" and len(net.shape(node.input[0])) == 4 and any(Window(net, node).spare()):
            old = attribute(node, "ceil_mode", 0)
            yield partial(_ceil, net, node, old)


def _pool_type(node: onnx.NodeProto, new: str) -> Change:
    old, node.op_type = node.op_type, new
    assign(node, count_include_pad=None, storage_order=None, dilations=None)
    return Change(mutation="pool_type", what="op", op=old, nodes=[node.output[0]], left=old, right=new)


def _ceil(net: Net, node: onnx.NodeProto, old: int) -> Change:
    before = net.shape(node.output[0])
    change = set_attribute(node, "ceil_mode", old, 1 - old)
    if net.inferred().get(node.output[0]) == before:
        raise Illegal("rounding up or down is one here")
    return change
