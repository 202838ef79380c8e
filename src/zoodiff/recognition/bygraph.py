"""Tell which known architecture a network is by its graph, and whether its name says so."""

from __future__ import annotations

from functools import cached_property
from typing import Final

from zoodiff.reading.reference import Network
from zoodiff.recognition.advertised import Name
from zoodiff.recognition.contrast import contrast
from zoodiff.recognition.identification import Identification, Judged, Recognised, first, identified
from zoodiff.recognition.known import Known
from zoodiff.recognition.neighbours import Neighbours
from zoodiff.recognition.others import Others, distinct

THRESHOLD: Final = 0.4
"""Least similarity of a neighbour. Chosen on the bundled snapshots, each graph held against all but those of its own
architecture in its own zoo: the 221 whose architecture another zoo has are all above it there (the least are the
vision transformers, 0.44; nine of ten are above 0.8), while half of all graphs are below it to any other family."""
MARGIN: Final = 0.01
"""How much more alike another architecture must be to be clearly nearer: the two that are most alike in the bundled
snapshots, but for normalization and padding, are ViT-L/16 and ViT-L/32 with 0.988."""
CAUSES: Final = 3
"""How many differences the reason names."""


class ByGraph:
    """One network held against all that are known, by its graph."""

    def __init__(self, network: Network, name: Name | None, others: Others) -> None:
        self.network, self.name, self.others = network, name, others
        self.readings = name.readings if name else frozenset[str]()
        self.near = Neighbours(network, self.readings, others)

    def told(self) -> Identification:
        """The identification."""
        nearest = self.near.nearest(sorted(self.near.every, key=lambda pair: not self.near.is_equal(pair[0])))
        name = self.name.architecture if self.name else None
        return identified(self.network, name, self.judged, nearest.values())

    def recognised(self) -> Recognised:
        """The verdict, for which a network that is known need not be held against those that are near."""
        equal = self.near.nearest(self.near.ranked(distinct(self.near.equal)))
        names = tuple(one.architecture for one in first(self.judged.match, equal.values()) if one.exact)
        return Recognised(self.judged.verdict, self.judged.reason, self.judged.match, names)

    @cached_property
    def judged(self) -> Judged:
        """The verdict, with its reason."""
        return self._judge_equal() if self.near.equal else self._judge_near()

    def _judge_equal(self) -> Judged:
        nearest = self.near.nearest(self.near.ranked(distinct(self.near.equal)))
        use = {one.architecture: self._use(one.architecture) for one in distinct(self.near.equal)}
        best = nearest[max(use, key=lambda architecture: use[architecture])]
        named = [nearest[one] for one in use if one in self.readings]
        match = named[0] if named else best
        also = sorted(f"{one} ({nearest[one].ref})" for one in use if one != match.architecture)
        graph = f"the graph is that of {match.ref}{self.near.but_for}"
        graph += f", which also goes by {' and '.join(also)}" if also else ""
        if self.name is None:
            return Judged("unadvertised", f"the name says nothing; {graph}", match)
        if named:
            return Judged("consistent", graph, match)
        ranked = self.near.ranked(one for one in self.others.distinct if one.architecture in self.readings)
        if not ranked:
            return Judged("mislabelled", f"{graph}; no other graph of {self.name.architecture} is known", match)
        other, near = ranked[0]
        words = self._words(other)
        if near[:2] == (1.0, 0):
            [variant] = self.near.nearest([ranked[0]]).values()
            return Judged("variant", f"{graph}; {words}", variant)
        return Judged("mislabelled", f"{graph}; {words}", match)

    def _use(self, architecture: str) -> tuple[int, float]:
        """How many zoos call this graph so, and what share that is of those that have a network of the name."""
        zoos = {one.zoo for one in self.near.equal if one.architecture == architecture}
        return len(zoos), len(zoos) / len(self.others.zoos[architecture])

    def _judge_near(self) -> Judged:
        every = self.near.every
        if not every or every[0][1][0] < THRESHOLD:
            alike = f" (the nearest, {every[0][0].ref}: {every[0][1][0]:.2f})" if every else ""
            return Judged("unknown", f"no known network is as much as {THRESHOLD} alike{alike}")
        best, nearest = every[0], self.near.nearest(every)
        named = next((pair for pair in every if pair[0].architecture in self.readings), None)
        if self.name is None:
            return Judged(
                "unadvertised", f"the name says nothing; {self._words(best[0])}", nearest[best[0].architecture]
            )
        if named is None:
            reason = f"no graph of {self.name.architecture} is known; {self._words(best[0])}"
            return Judged("unknown", reason)
        if named[1][0] >= best[1][0] - MARGIN:
            return Judged("variant", self._words(named[0]), nearest[named[0].architecture])
        reason = f"{best[1][0]:.2f} alike {best[0].ref}, {named[1][0]:.2f} {named[0].ref}; {self._words(best[0])}"
        return Judged("mislabelled", reason, nearest[best[0].architecture])

    def _words(self, other: Known) -> str:
        """What differs between the network and a known one."""
        told = contrast(self.network, other)
        ways = [way for way in told.ways if way.structural] or told.ways
        words = [way.words for way in ways[:CAUSES]]
        more = [f"{len(ways) - CAUSES} more"] if len(ways) > CAUSES else []
        return f"beside {other.ref} (on the right): {'; '.join(words + more) or 'no difference found'}"
