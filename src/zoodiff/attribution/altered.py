"""Find in what two steps differ that face each other: operator, attributes, bias and width."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from zoodiff.alignment.align import Pairing
from zoodiff.attribution.root import ARCHITECTURE, DETAIL, INTERFACE, Root, named
from zoodiff.reducing.net import Net, Step
from zoodiff.reducing.window import pads_as_on

_WINDOW: Final = ("kernel_shape", "dilations")


def altered(left: Net, right: Net, pairing: Pairing) -> Iterator[Root]:
    """The root causes that lie in the two steps of a pair, in the order of the left network."""
    for a, b in enumerate(pairing.left):
        if b >= 0:
            yield from _of_pair(left, right, left.steps[a], right.steps[b])


def _of_pair(left: Net, right: Net, a: Step, b: Step) -> Iterator[Root]:
    if a.op != b.op:
        if not _whole_map_at_one_size(a, b):
            yield Root("changed", named(a), "op", a.op, b.op, [a], [b])
        return
    for name in _differing(a, b):
        group = DETAIL if name == "epsilon" else ARCHITECTURE
        values = _json(a.stated.get(name)), _json(b.stated.get(name))
        yield Root("changed", named(a), name, *values, [a], [b], group)
    if a.attributes.get("bias") != b.attributes.get("bias"):
        yield Root("changed", a.op, "bias", a.attributes.get("bias"), b.attributes.get("bias"), [a], [b], DETAIL)
    if a.weighted and a.channels != b.channels and _own_width(a, b):
        group = INTERFACE if _last(left, a) and _last(right, b) else ARCHITECTURE
        yield Root("changed", a.op, "out_channels", a.channels, b.channels, [a], [b], group)


def _differing(a: Step, b: Step) -> Iterator[str]:
    """The attributes in which two steps of one operator differ, but for padding that follows from what else differs."""
    differing = [
        name
        for name in dict.fromkeys((*a.attributes, *b.attributes))
        if a.attributes.get(name) != b.attributes.get(name) and a.stated.get(name, 0) != b.stated.get(name, 0)
    ]
    windows = any(name in differing for name in _WINDOW)
    for name in differing:
        if name == "pads" and (windows or (a.size == b.size and "strides" in differing)):
            continue  # padding that follows the window is its consequence
        if name == "pads" and a.shape_in != b.shape_in and _alike_at_one_size(a, b):
            continue
        yield name


def _last(net: Net, step: Step) -> bool:
    """Whether nothing that learns comes after a step: its channels are the classes."""
    waiting, seen = [step.index], set[int]()
    while waiting:
        for reader, _ in net.steps[waiting.pop()].readers:
            if net.steps[reader].weighted or len(seen) > 4:
                return False
            if reader not in seen:
                seen.add(reader)
                waiting.append(reader)
    return True


def _whole_map_at_one_size(a: Step, b: Step) -> bool:
    """Whether a window that covers its whole map on one side meets a map of another size on the other."""
    ops = {a.op.removeprefix("Global"), b.op.removeprefix("Global")}
    return a.kind == "pooling" and len(ops) == 1 and (a.shape_in or ())[2:] != (b.shape_in or ())[2:]


def _alike_at_one_size(a: Step, b: Step) -> bool:
    """Whether two steps pad alike where they read the same: on what either of them reads."""
    return bool(pads_as_on(a, b) == b.attributes["pads"] or pads_as_on(b, a) == a.attributes["pads"])


def _own_width(a: Step, b: Step) -> bool:
    """Whether a changed width is a step's own: a depthwise convolution has the width that it is given."""
    if not (a.depthwise and b.depthwise):
        return True
    return (a.channels or 0) * (b.channels_in or 0) != (b.channels or 0) * (a.channels_in or 0)


def _json(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
