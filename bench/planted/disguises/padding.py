"""Padding: as an operator before a window, as that one's pads, or where no window reaches."""

from __future__ import annotations

from random import Random

import numpy as np
import onnx

from planted.disguises import disguise
from planted.network import Net, Window, assign, attribute, make
from planted.opset import clip_bounds
from planted.places import some


@disguise
def pads_outside(net: Net, random: Random) -> int:
    """The pads of a convolution or pooling as a Pad before it, with a value that changes nothing."""
    changed = 0
    for node in some(net, random, "Conv", "MaxPool", "AveragePool"):
        if len(net.shape(node.input[0])) != 4:
            continue
        window = Window(net, node)
        counted = node.op_type != "AveragePool" or attribute(node, "count_include_pad", 0)
        if not any(window.pads) or not window.explicit or not counted or attribute(node, "ceil_mode", 0):
            continue
        value = 0.0
        if node.op_type == "MaxPool" and not (nonnegative(net, node.input[0]) and random.random() < 0.5):
            value = float(np.finfo(np.float32).min)
        padded = net.fresh("padded")
        pads = [0, 0, *window.pads[:2], 0, 0, *window.pads[2:]]
        if net.opset < 11:
            pad = make("Pad", [node.input[0]], padded, pads=pads, value=value)
        else:
            values = [] if value == 0 and random.random() < 0.5 else [net.constant(value)]
            pad = make("Pad", [node.input[0], net.constant(pads, "int64"), *values], padded, mode="constant")
        node.input[0] = padded
        assign(node, pads=[0, 0, 0, 0])
        net.nodes.append(pad)
        changed += 1
    return changed


@disguise
def pads_inside(net: Net, random: Random) -> int:
    """A Pad of zeros before a convolution, or before a max-pool of what is never negative, as that one's pads."""
    changed = 0
    for node in some(net, random, "Pad"):
        reader, pads = net.only_consumer(node.output[0]), _zero_pads(net, node)
        if reader is None or reader.op_type not in ("Conv", "MaxPool") or pads is None or any(pads[:2] + pads[4:6]):
            continue
        if reader.op_type == "MaxPool" and not nonnegative(net, node.input[0]):
            continue
        window = Window(net, reader)
        whole = [inside + outside for inside, outside in zip(window.pads, [*pads[2:4], *pads[6:]], strict=True)]
        small = all(pad < extent for pad, extent in zip(whole, [*window.kernel] * 2, strict=True))
        if window.explicit and min(whole) >= 0 and (reader.op_type == "Conv" or small):
            assign(reader, pads=whole)
            net.remove([node], node.output[0], node.input[0])
            changed += 1
    return changed


@disguise
def spare_pads(net: Net, random: Random) -> int:
    """Pads at the end that no window reaches come or go, and ceil_mode where both ways round the same."""
    changed = 0
    for node in some(net, random, "Conv", "MaxPool"):
        if len(net.shape(node.input[0])) != 4:
            continue
        window = Window(net, node)
        if not window.explicit or attribute(node, "ceil_mode", 0):
            continue
        if node.op_type == "MaxPool" and not any(window.spare()) and net.opset >= 10:
            assign(node, ceil_mode=1)
            changed += 1
        elif window.effective() != window.pads:
            assign(node, pads=window.effective())
            changed += 1
    return changed


def nonnegative(net: Net, name: str) -> bool:
    """Whether a tensor is never negative."""
    node = net.producer.get(name)
    if node is None:
        return False
    if node.op_type in ("MaxPool", "AveragePool", "Identity", "Dropout", "Concat"):
        return all(nonnegative(net, other) for other in node.input)
    return node.op_type in ("Relu", "Sigmoid", "Softplus") or (
        node.op_type == "Clip" and (clip_bounds(net, node)[0] or -1.0) >= 0
    )


def _zero_pads(net: Net, node: onnx.NodeProto) -> list[int] | None:
    """Pads of a Pad with zeros; None for another."""
    if attribute(node, "mode", b"constant") != b"constant" or len(node.input) > 3:
        return None
    if net.opset < 11:
        return attribute(node, "pads", []) if attribute(node, "value", 0.0) == 0 else None
    pads = net.data(node.input[1])
    zero = len(node.input) < 3 or not node.input[2] or net.scalar(node.input[2]) == 0
    return [int(pad) for pad in pads] if pads is not None and zero and len(pads) == 8 else None
