"""Widths: how many channels a layer gives, or how many classes the last one tells apart."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import onnx

from planted.follow import follow
from planted.layers import convolutions, dense_axis, dense_weight, is_bias, resize_own
from planted.mutations import Edit, mutation
from planted.network import UNARY, Net, attribute
from planted.truth import Change


@mutation
def width(net: Net) -> Iterator[Edit]:
    """The output channels of one convolution, halved or doubled; all that reads them follows."""
    for node, _ in convolutions(net):
        weight = net.own_weight(node, 1)
        if weight is not None and attribute(node, "group", 1) == 1:
            out = net.shape(weight)[0]
            for new in (out // 2, 2 * out):
                if out % 2 == 0 and out > 8:
                    yield partial(_width, net, node, weight, out, new)


@mutation
def mlp_width(net: Net) -> Iterator[Edit]:
    """The hidden width of a transformer's two-layer perceptron, halved."""
    for node in net.nodes:
        weight = dense_weight(net, node)
        if weight is not None and any(_leads_to_gelu(net, name) for name in node.output):
            out = net.shape(node.output[0])[-1]
            yield partial(_mlp_width, net, node, weight, out, out // 2)


@mutation
def classes(net: Net) -> Iterator[Edit]:
    """The number of classes: outputs of the last layer."""
    if len(net.outputs) != 1:
        return
    name = net.outputs[0].name
    node = net.producer.get(name)
    passed = {*UNARY, "Softmax", "Flatten", "Squeeze", "Reshape"}
    while node is not None and (node.op_type in passed or is_bias(net, node)):
        node = net.producer.get(next((name for name in node.input if name in net.producer), ""))
    if node is None or node.op_type not in ("Gemm", "MatMul", "Conv"):
        return
    weight = net.own_weight(node, 1) if node.op_type == "Conv" else dense_weight(net, node)
    if weight is not None and net.shape(name)[:1] == (1,) and len(net.shape(name)) == 2:
        out = net.shape(name)[1]
        for new in (10, out + 1, 365):
            yield partial(_classes, net, node, weight, out, new)


def _width(net: Net, node: onnx.NodeProto, weight: str, out: int, new: int) -> Change:
    net.resize(weight, (new, *net.shape(weight)[1:]))
    if len(node.input) > 2:
        resize_own(net, node, 2, (new,))
    follow(net, node.output[0], 1, new - out)
    return Change(mutation="width", what="out_channels", op="Conv", nodes=[node.output[0]], left=out, right=new)


def _mlp_width(net: Net, node: onnx.NodeProto, weight: str, out: int, new: int) -> Change:
    _set_out(net, node, weight, new)
    follow(net, node.output[0], len(net.shape(node.output[0])) - 1, new - out)
    return _dense_change("mlp_width", node, out, new)


def _classes(net: Net, node: onnx.NodeProto, weight: str, out: int, new: int) -> Change:
    _set_out(net, node, weight, new)
    follow(net, node.output[0], 1, new - out)
    net.outputs[0].type.tensor_type.shape.dim[1].dim_value = new
    change = _dense_change("classes", node, out, new)
    change.group = "interface"
    return change


def _set_out(net: Net, node: onnx.NodeProto, weight: str, new: int) -> None:
    shape = list(net.shape(weight))
    shape[0 if node.op_type == "Conv" else dense_axis(net, node, 1)] = new
    net.resize(weight, shape)
    if len(node.input) > 2:
        resize_own(net, node, 2, (new,))


def _dense_change(name: str, node: onnx.NodeProto, out: int, new: int) -> Change:
    also = {"op": ["Gemm", "MatMul", "Conv"]}  # one layer in three spellings
    nodes = [node.output[0]]
    return Change(mutation=name, what="out_channels", op=node.op_type, nodes=nodes, left=out, right=new, also=also)


def _leads_to_gelu(net: Net, name: str) -> bool:
    """Whether a dense layer's output goes through Gelu, fused or with Erf, maybe after a bias."""
    reader = net.only_consumer(name)
    if reader is not None and is_bias(net, reader):
        name, reader = reader.output[0], net.only_consumer(reader.output[0])
    if reader is not None:
        return reader.op_type == "Gelu"
    readers = net.consumers[name]
    return any(r.op_type in ("Erf",) or net.op(r.output[0]) == "Div" for r in readers) and any(
        next_reader.op_type == "Erf" for r in readers for next_reader in net.consumers[r.output[0]]
    )
