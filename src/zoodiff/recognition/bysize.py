"""Tell which known architecture a published network without a graph may be, by the size of its file."""

from __future__ import annotations

from functools import cached_property
from typing import Final

from zoodiff.fault import Refusal
from zoodiff.reading import names
from zoodiff.reading.reference import Network
from zoodiff.recognition.advertised import Name
from zoodiff.recognition.identification import Candidate, Identification, Judged, Recognised, identified
from zoodiff.recognition.known import Known
from zoodiff.recognition.others import Others

OVERHEAD: Final = 0.02
"""What a file holds beside its weights, as a share of them: at most 0.8 % in the files whose graphs are known."""


class BySize:
    """A published network without a graph of its own, held against the known ones by the size of its file."""

    def __init__(self, network: Network, name: Name | None, others: Others) -> None:
        if network.weights is None or network.weights.bytes is None:
            missing = network.record.graph_missing if network.record else None
            why = f": {missing.reason}" if missing else ""
            raise Refusal(f"there is neither a graph nor a file size of {network.ref}{why}")
        self.network, self.name, self.bytes = network, name, network.weights.bytes
        naming = names.canonical(network.zoo or "", network.name)
        self.quantised, self.family = naming.quantised, naming.family
        self.others = others.beside(network.zoo or "")

    def told(self) -> Identification:
        """The identification."""
        name = self.name.architecture if self.name else None
        return identified(self.network, name, self.judged, self.ranked.values())

    def recognised(self) -> Recognised:
        """The verdict."""
        return Recognised(self.judged.verdict, self.judged.reason, self.judged.match, ())

    @cached_property
    def judged(self) -> Judged:
        """The verdict, with its reason."""
        if self.quantised:
            return Judged("unknown", f"there is no graph, and {self.quantised} weights have no set size")
        return self._judged()

    @cached_property
    def ranked(self) -> dict[str, Candidate]:
        """The nearest by size of each architecture, those of the family first."""
        ranked: dict[str, Candidate] = {}
        if self.quantised:
            return ranked
        for other in sorted(self.others, key=lambda other: (not self._relative(other), -self._near(other))):
            made = Candidate(other.architecture, other.ref, False, round(self._near(other), 4))
            ranked.setdefault(other.architecture, made)
        return ranked

    def _judged(self) -> Judged:
        size = f"there is no graph; the file has {self.bytes:,} bytes"
        if self.name is None:
            return Judged("unadvertised", f"the name says nothing; {size}")
        named = [other for other in self.others if other.architecture in self.name.readings]
        if missing := self.name.readings - {other.architecture for other in named}:
            return Judged("unknown", f"{size}, and no other zoo has a graph of {' or '.join(sorted(missing))}")
        needed = min(named, key=lambda other: other.least_bytes)
        need = f"{needed.ref}, whose weights need {needed.least_bytes:,}"
        if self.bytes >= needed.least_bytes:
            return Judged("unknown", f"{size}: enough for {need}, which proves nothing")
        fit = next((one for one in self.others if self._relative(one) and self._near(one) == 1), None)
        match = self.ranked[fit.architecture] if fit else None
        fits = f"; it fits {fit.ref}" if fit else ""
        return Judged("mislabelled", f"{size}: too few for {need}{fits}", match)

    def _relative(self, other: Known) -> bool:
        return names.canonical("", other.architecture).family == self.family

    def _near(self, other: Known) -> float:
        """The file's size by what the weights need, the smaller by the larger; 1 where they fit."""
        most = 4 * other.params * (1 + OVERHEAD)
        return min(1.0, self.bytes / other.least_bytes, most / self.bytes)
