"""Rank the known networks by how near they are to one, and find those that are the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Final

from zoodiff.reading.reference import Network
from zoodiff.recognition.contrast import contrast
from zoodiff.recognition.identification import Candidate
from zoodiff.recognition.known import Known, know
from zoodiff.recognition.others import Others
from zoodiff.recognition.sketch import similarity

TRIED: Final = 3
"""How many of those that are alike in all but padding are compared in full."""

Near = tuple[float, int, int]
"""similarity; among equals those with as many normalizations are nearer, then those that cost as much"""


class Neighbours:
    """The known networks as one sees them; of those that are the same, such as bear one of its name's readings."""

    def __init__(self, network: Network, readings: frozenset[str], others: Others) -> None:
        self.network, self.readings, self.others = network, readings, others
        self.mine = know(network)
        self._alike: dict[str, float] = {}

    @cached_property
    def every(self) -> list[tuple[Known, Near]]:
        """All others, the nearest first."""
        return self.ranked(self.others.distinct)

    def ranked(self, networks: Iterable[Known]) -> list[tuple[Known, Near]]:
        """Some of them, the nearest first."""
        return sorted(((other, self._near(other)) for other in networks), key=lambda pair: pair[1], reverse=True)

    def nearest(self, ranked: Iterable[tuple[Known, Near]]) -> dict[str, Candidate]:
        """The first of each architecture."""
        nearest: dict[str, Candidate] = {}
        for other, (alike, *_) in ranked:
            if other.architecture not in nearest:
                made = Candidate(other.architecture, other.ref, self.is_equal(other), round(alike, 4))
                nearest[other.architecture] = made
        return nearest

    def _near(self, other: Known) -> Near:
        mine, exact = self.mine.sketch, other.sketch.exact
        if exact not in self._alike:  # equal structures have equal sketches
            self._alike[exact] = similarity(mine, other.sketch)
        norms, macs = abs(mine.norms - other.sketch.norms), abs(self.mine.macs - other.macs)
        return self._alike[exact], -norms, -macs

    @cached_property
    def _same(self) -> tuple[list[Known], str]:
        """The known networks that are the same, and how: of the advertised name where there are such."""
        mine = self.mine.sketch
        found = self.others.exact.get(mine.exact, [])
        folded = self.others.folded.get(mine.folded, [])
        if folded and not mine.norms and (not found or (self._named(folded) and not self._named(found))):
            return folded, " with batch normalization folded away"
        return (found, "") if found else self._compared()

    @property
    def equal(self) -> list[Known]:
        """Those that are the same."""
        return self._same[0]

    @property
    def but_for(self) -> str:
        """In what they are the same all the same; empty where nothing at all differs."""
        return self._same[1]

    @cached_property
    def _structures(self) -> set[str]:
        return {one.sketch.exact for one in self.equal}

    def is_equal(self, other: Known) -> bool:
        """Whether a known network is the same."""
        return other.sketch.exact in self._structures

    def _named(self, networks: Sequence[Known]) -> bool:
        return any(one.architecture in self.readings for one in networks)

    def _compared(self) -> tuple[list[Known], str]:
        """The first of those that are alike in all but padding from which `diff` finds the network no different."""
        alike: dict[str, Known] = {}
        for other, near in self.every:
            if near[0] == 1:
                alike.setdefault(other.sketch.exact, other)
        for exact, other in [*alike.items()][:TRIED]:
            told = contrast(self.network, other)
            if told.same:
                return self.others.exact[exact], f" but for: {'; '.join(way.words for way in told.ways)}"
        return [], ""
