"""Hold two networks and which of their steps are paired so far: what the stages of alignment read and change."""

from __future__ import annotations

from collections.abc import Hashable

from zoodiff.alignment.side import Side
from zoodiff.reducing.net import Net


class Matching:
    """The left network (`a`), the right one (`b`) and the pairs between their steps."""

    def __init__(self, left: Net, right: Net) -> None:
        numbers: dict[Hashable, int] = {}
        self.a, self.b = Side(left, numbers), Side(right, numbers)

    @property
    def over(self) -> bool:
        """Whether one of the two networks has no step left without a partner."""
        return min(self.a.mate, default=0) >= 0 or min(self.b.mate, default=0) >= 0

    def pair(self, a: int, b: int) -> None:
        """Make two steps partners."""
        self.a.mate[a], self.b.mate[b] = b, a

    def agreement(self, a: int, b: int) -> int:
        """How many neighbours of two steps are paired with each other."""
        return sum(self.a.agreeing(self.b, a, b))

    def alike(self, a: int, b: int) -> int:
        """At how many tiers two steps have the same label, and whether as many channels and the same size."""
        left, right = self.a.steps[a], self.b.steps[b]
        tiers = sum(mine[a] == theirs[b] for mine, theirs in zip(self.a.labels, self.b.labels, strict=True))
        return tiers + (left.channels == right.channels) + (left.size == right.size)
