"""The interface: the size of the pictures that the network takes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import onnx

from planted.mutations import Edit, mutation
from planted.network import Illegal, Net, Shape, Window
from planted.truth import Change


@mutation
def input_size(net: Net) -> Iterator[Edit]:
    """The network takes larger or smaller pictures."""
    if len(net.inputs) != 1:
        return
    shape = net.shape(net.inputs[0].name)
    if len(shape) != 4 or shape[0] != 1:
        return
    spatial = (2, 3) if shape[1] <= 4 else (1, 2)
    for change in (-64, -32, 32, 64):
        if min(shape[axis] for axis in spatial) + change >= 64:
            yield partial(_input_size, net, shape, spatial, change)


def _input_size(net: Net, old: Shape, spatial: tuple[int, int], change: int) -> Change:
    new = [extent + change if axis in spatial else extent for axis, extent in enumerate(old)]
    dims = net.inputs[0].type.tensor_type.shape.dim
    for dim, extent in zip(dims, new, strict=True):
        dim.dim_value = extent
    before = {node.output[0] for node in net.nodes if _whole(net, node)}
    net.shapes = net.inferred()
    if any(_whole(net, node) != (node.output[0] in before) for node in net.nodes):
        raise Illegal("a pooling is global at one size only")
    name = net.inputs[0].name
    return Change(mutation="input_size", what="input_shape", op="Input", nodes=[name], left=list(old), right=new)


def _whole(net: Net, node: onnx.NodeProto) -> bool:
    """Whether a pooling's window is the whole of its input."""
    if node.op_type not in ("AveragePool", "MaxPool"):
        return False
    window = Window(net, node)
    return tuple(window.kernel) == tuple(window.size)
