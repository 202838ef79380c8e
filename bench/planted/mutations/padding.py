"""Pads: on which sides they are, and whether a mean counts them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import onnx

from planted.mutations import Edit, mutation
from planted.network import Net, Window, assign, attribute
from planted.single import set_attribute
from planted.truth import Change


@mutation
def padding(net: Net) -> Iterator[Edit]:
    """Pads of the same sum on other sides: (0, 0, 1, 1) to (1, 1, 0, 0), or symmetric to one-sided."""
    for node in net.nodes:
        if node.op_type not in ("Conv", "MaxPool") or len(net.shape(node.input[0])) != 4:
            continue
        window = Window(net, node)
        pads, before, after = window.pads, window.pads[:2], window.pads[2:]
        outside = net.op(node.input[0]) == "Pad" or attribute(node, "ceil_mode", 0)
        if not window.explicit or not any(pads) or outside or min(window.size) <= 2 * max(window.kernel):
            continue
        whole = [b + a for b, a in zip(before, after, strict=True)]
        for new in ([*after, *before], [0, 0, *whole], [*whole, 0, 0]):
            old, effective = window.effective(), _effective(net, node, new)
            if effective != old and sum(effective) == sum(old):
                yield partial(_padding, node, pads, old, new, effective)


@mutation
def count_include_pad(net: Net) -> Iterator[Edit]:
    """A mean counts padded positions, or no longer does."""
    for node in net.nodes:
        if node.op_type == "AveragePool" and len(net.shape(node.input[0])) == 4 and any(Window(net, node).effective()):
            old = attribute(node, "count_include_pad", 0)
            yield partial(set_attribute, node, "count_include_pad", old, 1 - old)


def _effective(net: Net, node: onnx.NodeProto, pads: list[int]) -> list[int]:
    trial = onnx.NodeProto()
    trial.CopyFrom(node)
    assign(trial, pads=pads)
    return Window(net, trial).effective()


def _padding(node: onnx.NodeProto, pads: list[int], old: list[int], new: list[int], effective: list[int]) -> Change:
    change = set_attribute(node, "pads", pads, new)
    change.mutation, change.also = "padding", {"left": [old], "right": [effective]}
    return change
