"""Follow a window over a map: the sizes that it makes, and the padding that it reaches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from zoodiff.reducing.net import Step


def window_sizes(stated: dict[str, Any], before: Sequence[int]) -> tuple[int, ...] | None:
    """The sizes that a window's attributes make of others, as ONNX defines them; None where it has no such window."""
    rank, kernel, pads = len(before), stated.get("kernel_shape", ()), stated.get("pads", ())
    if len(kernel) != rank or len(pads) != 2 * rank:
        return None
    sizes = []
    for i, size in enumerate(before):
        free = size + pads[i] + pads[rank + i] - (kernel[i] - 1) * stated["dilations"][i] - 1
        steps = -(-free // stated["strides"][i]) if stated.get("ceil_mode") else free // stated["strides"][i]
        sizes.append(max(0, steps + 1))
    return tuple(sizes)


def pads_as_on(step: Step, other: Step) -> tuple[int, ...] | None:
    """The padding that a step's windows would reach on what another reads, if they made the other's size of it."""
    if other.shape_in is None or other.shape_out is None or len(other.shape_in) < 3:
        return None
    before, after = other.shape_in[2:], other.shape_out[2:]
    return pads_reached(step.stated, before, after) if window_sizes(step.stated, before) == after else None


def pads_reached(stated: dict[str, Any], before: Sequence[int], after: Sequence[int]) -> tuple[int, ...]:
    """Padding as the windows reach it: an end that no window touches is none, and ceil_mode adds to it."""
    rank = len(before)
    pads, kernel = stated["pads"], stated["kernel_shape"]
    if len(kernel) != rank or len(pads) != 2 * rank:
        return tuple(pads)
    ends = []
    for i in range(rank):
        reach = (after[i] - 1) * stated["strides"][i] + (kernel[i] - 1) * stated["dilations"][i] + 1
        needed = reach - before[i] - pads[i]
        ends.append(max(0, needed))
    return (*pads[:rank], *ends)
