"""See one of two networks as alignment does: its steps' labels, their hashes from both ends, and their partners.

A step's forward hash is that of its label and its inputs' hashes, its backward hash that of its label and its readers'.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable

from zoodiff.alignment.labels import TIERS, label
from zoodiff.alignment.trunk import block_starts, units
from zoodiff.reducing.net import COMMUTATIVE, Net


class Side:
    """One network's labels and hashes, and which step of the other network each of its steps is paired with."""

    def __init__(self, net: Net, numbers: dict[Hashable, int]) -> None:
        """`numbers`: a number for each label, the same for both networks; it takes in the new ones."""
        self.net, self.steps = net, net.steps
        self.outputs = [port[0] for port in net.outputs]
        self.labels = [
            [numbers.setdefault((tier, label(step, tier)), len(numbers)) for step in net.steps] for tier in range(TIERS)
        ]
        self.mate = [-1] * len(net.steps)
        """each step's partner; -1: none"""
        self.settled = [False] * len(net.steps)
        """steps of units that have their like: they keep their partners"""
        self.order = list(range(len(net.steps)))
        self.units = units(net)
        self.starts = block_starts(net, self.units)
        self.home = [-1] * len(net.steps)
        """which unit each step is in; -1: none"""
        for number, unit in enumerate(self.units):
            for at in unit:
                self.home[at] = number

    def forward(self, tier: int, *, local: bool = False) -> list[int]:
        """Per step, the hash of its label and of all that it is made of; `local`: within its unit."""
        labels, hashes, home = self.labels[tier], [0] * len(self.steps), self.home
        for at, step in enumerate(self.steps):
            inputs = [(hashes[source] if source >= 0 else source, port) for source, port in step.inputs]
            if local:
                inputs = [
                    pair if s >= 0 and home[s] == home[at] else (0, 0)
                    for pair, (s, _) in zip(inputs, step.inputs, strict=True)
                ]
            if step.op in COMMUTATIVE:
                inputs.sort()
            hashes[at] = hash((labels[at], tuple(inputs)))
        return hashes

    def backward(self, tier: int, *, local: bool = False) -> list[int]:
        """Per step, the hash of its label and of all that is made of it; `local`: within its unit."""
        labels, hashes, home = self.labels[tier], [0] * len(self.steps), self.home
        ends = Counter[int]() if local else Counter(self.outputs)
        for at in range(len(self.steps) - 1, -1, -1):
            near = [(r, place) for r, place in self.steps[at].readers if not local or home[r] == home[at]]
            readers = sorted([(hashes[reader], place) for reader, place in near])
            hashes[at] = hash((labels[at], tuple(readers), ends[at]))
        return hashes

    def agreeing(self, other: Side, at: int, partner: int) -> tuple[int, int]:
        """How many of what two steps read, and of what reads them, are paired with each other."""
        sources = {source for source, _ in other.steps[partner].inputs}
        readers = {reader for reader, _ in other.steps[partner].readers}
        up = sum(1 for s, _ in self.steps[at].inputs if (self.mate[s] in sources if s >= 0 else s in sources))
        return up, sum(1 for reader, _ in self.steps[at].readers if self.mate[reader] in readers)
