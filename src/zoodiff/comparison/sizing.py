"""Bring two networks to one size of input, and tell what that alone changes of their costs."""

from __future__ import annotations

from zoodiff.attribution.root import Root, input_root
from zoodiff.fault import Refusal
from zoodiff.reading.reference import Network
from zoodiff.record import Graph
from zoodiff.reducing.net import Net
from zoodiff.reducing.reduce import build


class Part:
    """One of the two networks: what a reference names, its graph and its steps."""

    def __init__(self, network: Network, graph: Graph, *, sized: bool = False) -> None:
        self.network, self.graph, self.net = network, graph, build(graph)
        self.sized = sized
        """whether its own input size is open, and the graph is at that of the other one"""
        self.key = (self.net.macs, self.net.params, [(step.op, step.size) for step in self.net.steps])
        """for an order of the two that does not depend on which is left"""


def with_sizes_of(other: Part, part: Part) -> Part:
    """A network that leaves the size of its image open, at that of the other one; as it is where it does not."""
    if not any(None in one.stated for one in part.net.inputs):
        return part
    asked = _same_input(part.net, other.net) or {}
    known = {name: shape for name, shape in asked.items() if None not in shape}
    try:
        return Part(part.network, part.network.graph(known), sized=True) if known else part
    except Refusal:
        return part


def at_input_of(left: Part, right: Part) -> Part | None:
    """The left network at the right one's input; None where the sizes are equal, or where it is not made for them.

    A window that is its whole map at one size alone becomes another operator then: sizes are followed instead.
    """
    asked = _same_input(left.net, right.net)
    if asked is None:
        return None
    try:
        moved = Part(left.network, left.network.graph(asked))
    except Refusal:
        return None
    return moved if [step.op for step in moved.net.steps] == [step.op for step in left.net.steps] else None


def _same_input(left: Net, right: Net) -> dict[str, tuple[int | None, ...]] | None:
    """The right network's input sizes under the left one's names and in its layout; None where they are the same."""
    asked: dict[str, tuple[int | None, ...]] = {}
    for one, other in zip(left.inputs, right.inputs, strict=False):
        after = other.shape
        if one.shape != after and len(one.shape) == len(after) == 4 and one.shape[1] == after[1]:
            asked[one.name] = (after[0], after[2], after[3], after[1]) if one.stated != one.shape else after
    return asked or None


def input_share(before: Net, moved: Net, after: Net) -> Root:
    """The input's share: what the left network costs more at the right one's input, step by step."""
    sizes = zip(before.inputs, after.inputs, strict=False)
    root = next(input_root(one, other) for one, other in sizes if one.shape != other.shape)
    if len(before.steps) == len(moved.steps):
        for one, two in zip(before.every, moved.every, strict=True):
            root.charge("input_size", two, two.macs - one.macs, two.params - one.params, own=False)
    else:
        root.macs = moved.macs - before.macs
    return root
