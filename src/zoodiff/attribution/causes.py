"""Find the root causes of what differs between two networks whose steps are paired."""

from __future__ import annotations

from collections.abc import Iterator

from zoodiff.alignment.align import Pairing
from zoodiff.attribution.altered import altered
from zoodiff.attribution.moved import moved_pools, moved_strides
from zoodiff.attribution.padded import padded
from zoodiff.attribution.rewired import rewired
from zoodiff.attribution.root import INTERFACE, Root, input_root
from zoodiff.attribution.unpaired import unpaired
from zoodiff.reducing.net import Net


def roots(left: Net, right: Net, pairing: Pairing) -> list[Root]:
    """The root causes, without their costs, in the order of the networks."""
    found = [
        *_inputs(left, right),
        *altered(left, right, pairing),
        *unpaired(left, right, pairing),
        *_interface(left, right),
        *rewired(left, right, pairing),
    ]
    found = padded(found, left, right, pairing)
    return moved_pools(moved_strides(found, left, right))


def _inputs(left: Net, right: Net) -> Iterator[Root]:
    for one, other in zip(left.inputs, right.inputs, strict=False):
        if one.shape != other.shape:
            yield input_root(one, other)


def _interface(left: Net, right: Net) -> Iterator[Root]:
    pairs = (
        (left.preprocessing, right.preprocessing, "Input", "preprocessing"),
        (left.head, right.head, "Softmax", "layer"),
    )
    for mine, theirs, op, what in pairs:
        before, after = [step.op for step in mine], [step.op for step in theirs]
        if sorted(before) == sorted(after):
            continue
        kind = "changed" if mine and theirs else "missing" if mine else "added"
        root = Root(kind, op if len(before + after) > 1 else (before + after)[0], what, before, after)
        root.mine, root.theirs, root.group = list(mine), list(theirs), INTERFACE
        yield root
