"""Attributes of one convolution: strides, kernel, dilation, groups, and whether it has a bias."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import onnx

from planted.layers import convolutions
from planted.mutations import Edit, mutation
from planted.network import UNARY, Illegal, Net, Shape, Window, assign, attribute
from planted.single import set_attribute
from planted.truth import Change


@mutation
def strides(net: Net) -> Iterator[Edit]:
    """The stride of one convolution: 2 to 1 or 1 to 2."""
    for node, window in convolutions(net):
        old = window.strides
        if old in ([1, 1], [2, 2]) and min(window.size) > max(window.kernel):
            yield partial(set_attribute, node, "strides", old, [2, 2] if old == [1, 1] else [1, 1])


@mutation
def stride_swap(net: Net) -> Iterator[Edit]:
    """A stride moves to the next convolution of the unit, and the sizes after it stay."""
    for node, window in convolutions(net):
        follower = _next_conv(net, node)
        if follower is None or len(net.shape(follower.input[0])) != 4:
            continue
        other = Window(net, follower)
        if other.explicit and {tuple(window.strides), tuple(other.strides)} == {(1, 1), (2, 2)}:
            yield partial(_swap_strides, net, node, window, follower, other)


@mutation
def kernel(net: Net) -> Iterator[Edit]:
    """The kernel of one convolution, two larger or smaller, with pads that keep the sizes."""
    for node, window in convolutions(net):
        weight = net.own_weight(node, 1)
        if weight is None or len(set(window.kernel)) > 1 or window.kernel[0] % 2 == 0:
            continue
        for change in (-2, 2):
            new = [extent + change for extent in window.kernel]
            pads = [pad + change // 2 * window.dilations[i % 2] for i, pad in enumerate(window.pads)]
            if min(new) > 0 and min(pads) >= 0 and min(window.size) > max(new) * max(window.dilations):
                yield partial(_kernel, net, node, weight, window.kernel, new, pads)


@mutation
def dilation(net: Net) -> Iterator[Edit]:
    """The dilation of one convolution: 1 to 2, with pads that keep the sizes."""
    for node, window in convolutions(net):
        odd = all(extent % 2 and extent > 1 for extent in window.kernel)
        if odd and window.dilations == [1, 1] and min(window.size) > 2 * max(window.kernel):
            pads = [pad + window.kernel[i % 2] // 2 for i, pad in enumerate(window.pads)]
            yield partial(_dilation, node, pads)


@mutation
def groups(net: Net) -> Iterator[Edit]:
    """A convolution becomes grouped, or a grouped one dense; depthwise ones stay."""
    for node, _ in convolutions(net):
        weight, group = net.own_weight(node, 1), attribute(node, "group", 1)
        if weight is None:
            continue
        out, of_group, *kernel_shape = net.shape(weight)
        channels = of_group * group
        for new in (2, 4) if group == 1 else (1,) if of_group > 1 else ():
            if channels % new == 0 and out % new == 0 and channels > new:
                yield partial(_groups, net, node, weight, group, new, (out, channels // new, *kernel_shape))


@mutation
def drop_bias(net: Net) -> Iterator[Edit]:
    """One convolution has no bias any more."""
    for node, _ in convolutions(net):
        if len(node.input) == 3 and net.own_weight(node, 2) is not None:
            yield partial(_drop_bias, node)


def _swap_strides(net: Net, node: onnx.NodeProto, window: Window, follower: onnx.NodeProto, other: Window) -> Change:
    before = net.shape(follower.output[0])
    assign(node, strides=other.strides)
    assign(follower, strides=window.strides)
    if net.inferred().get(follower.output[0]) != before:
        raise Illegal("the size after the two convolutions is another")
    nodes = [node.output[0], follower.output[0]]
    left, right = window.strides, other.strides
    return Change(mutation="stride_swap", what="strides", op="Conv", nodes=nodes, left=left, right=right, pair=True)


def _next_conv(net: Net, node: onnx.NodeProto) -> onnx.NodeProto | None:
    """The only convolution after a convolution, with nothing but normalization and activation between."""
    reader = net.only_consumer(node.output[0])
    while reader is not None and reader.op_type in (*UNARY, "BatchNormalization"):
        reader = net.only_consumer(reader.output[0])
    return reader if reader is not None and reader.op_type == "Conv" and reader.input[0] in net.producer else None


def _kernel(net: Net, node: onnx.NodeProto, weight: str, old: list[int], new: list[int], pads: list[int]) -> Change:
    net.resize(weight, (*net.shape(weight)[:2], *new))
    assign(node, pads=pads)
    change = set_attribute(node, "kernel_shape", old, new)
    change.mutation = "kernel"
    return change


def _dilation(node: onnx.NodeProto, pads: list[int]) -> Change:
    assign(node, pads=pads)
    change = set_attribute(node, "dilations", [1, 1], [2, 2])
    change.mutation = "dilation"
    return change


def _groups(net: Net, node: onnx.NodeProto, weight: str, old: int, new: int, shape: Shape) -> Change:
    net.resize(weight, shape)
    change = set_attribute(node, "group", old, new)
    change.mutation = "groups"
    return change


def _drop_bias(node: onnx.NodeProto) -> Change:
    del node.input[2:]
    also = {"op": ["Gemm"]}  # a convolution of its whole map, in another spelling
    return Change(
        mutation="drop_bias", what="bias", op="Conv", nodes=[node.output[0]], left=True, right=False, group="detail",
        also=also,
    )  # fmt: skip
