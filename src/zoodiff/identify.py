"""Name a network by its structure: which known architecture it is, whatever it is called."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from zoodiff import names
from zoodiff.causes import ARCHITECTURE
from zoodiff.difference import Difference, diff
from zoodiff.fault import Refusal
from zoodiff.known import Known, know, known, newest, on_paper
from zoodiff.paper import papers
from zoodiff.reference import Network, find
from zoodiff.sketch import similarity
from zoodiff.store import Entry
from zoodiff.validity import excused

if TYPE_CHECKING:
    import onnx

FORMAT: Final = 1
THRESHOLD: Final = 0.4
"""Least similarity of a neighbour. Chosen on the bundled snapshots, each graph held against all but those of its own
architecture in its own zoo: the 221 whose architecture another zoo has are all above it there (the least are the
vision transformers, 0.44; nine of ten are above 0.8), while half of all graphs are below it to any other family."""
MARGIN: Final = 0.01
"""How much more alike another architecture must be to be clearly nearer: the two that are most alike in the bundled
snapshots, but for normalization and padding, are ViT-L/16 and ViT-L/32 with 0.988."""
NEAREST: Final = 5
"""How many candidates are named."""
TRIED: Final = 3
"""How many of those that are alike in all but padding are compared in full."""
CAUSES: Final = 3
"""How many differences the reason names."""
OVERHEAD: Final = 0.02
"""What a file holds beside its weights, as a share of them: at most 0.8 % in the files whose graphs are known."""


class Candidate(msgspec.Struct, frozen=True):
    """A known architecture, by that of its networks which is nearest."""

    architecture: str
    ref: str
    exact: bool
    similarity: float
    """0 to 1, of structure; without a graph: of the file's size to what the weights need"""


class Identification(msgspec.Struct, frozen=True):
    """Which known architecture a network is."""

    model: dict[str, Any]
    advertised: str | None
    """the architecture that its published name, or its file's, means; None where it means none"""
    match: Candidate | None
    candidates: tuple[Candidate, ...]
    """the nearest architectures, the match first"""
    verdict: str
    """`consistent`, `variant`, `mislabelled`, `unadvertised` or `unknown`"""
    reason: str


def identify(model: str | Path | Network | onnx.ModelProto) -> Identification:
    """Tell which known architecture a network is, and whether that is what its name says.

    It is held against every network of the snapshots and of the origin papers. The advertised name is the published
    one, or the file's; a graph without a file has none. An exact match is equal structure, also with batch
    normalization folded away, or a `diff` at one input size that finds nothing but input, classes and details. Where
    one graph bears two names, a name is refuted by another that more zoos use for it, and that means other graphs more
    rarely; a network stands for no name that is refuted so. Without a graph of its own (a stand-in proves nothing) the
    published file's size is held against what each architecture's weights need. Raises Refusal on an unknown reference,
    and where there is neither graph nor size.
    """
    network = find(model)
    others = _others(newest(), tuple(papers()))
    name = _advertised(network, others)
    if network.record is not None and (network.weights is None or network.weights.graph is None):
        return _BySize(network, name, others).told()
    with excused(network):
        return _ByGraph(network, name, others).told()


@cache
def _others(_snapshots: tuple[Entry, ...], _papers: tuple[str, ...]) -> tuple[Known, ...]:
    """What networks are held against, while snapshots and papers are these."""
    return _trusted((*known(), *on_paper()))


def _trusted(networks: Sequence[Known]) -> tuple[Known, ...]:
    """The networks whose names are not refuted: see `identify`."""
    bearers: dict[str, set[str]] = {}
    alike: dict[str, list[Known]] = {}
    for one in networks:
        bearers.setdefault(one.architecture, set()).add(one.zoo)
        alike.setdefault(one.sketch.exact, []).append(one)

    def holds(one: Known) -> bool:
        zoos: dict[str, set[str]] = {}
        for other in alike[one.sketch.exact]:
            zoos.setdefault(other.architecture, set()).add(other.zoo)
        use = {name: (len(found), len(found) / len(bearers[name])) for name, found in zoos.items()}
        mine, share = use[one.architecture]
        return not any(many > mine and part > share for many, part in use.values())

    return tuple(one for one in networks if holds(one))


class _Name(NamedTuple):
    """What a name says: its architecture, and all that it may mean."""

    architecture: str
    readings: frozenset[str]


def _advertised(network: Network, others: Iterable[Known]) -> _Name | None:
    if network.proto is not None:
        return None
    naming = names.canonical(network.zoo or "", network.path.stem if network.path else network.name)
    if naming.rule == names.LEFT_ALONE and naming.architecture not in {other.architecture for other in others}:
        return None
    return _Name(naming.architecture, frozenset({naming.architecture, *naming.readings}))


class _Judged(NamedTuple):
    verdict: str
    reason: str
    match: Candidate | None = None


class _ByGraph:
    """One network held against all that are known, by its graph."""

    def __init__(self, network: Network, name: _Name | None, others: Sequence[Known]) -> None:
        self.network, self.name, self.others = network, name, others
        self.mine = know(network)
        self._alike: dict[str, float] = {}
        self.every = sorted(((other, self._near(other)) for other in others), key=lambda pair: pair[1], reverse=True)
        self.readings = name.readings if name else frozenset[str]()
        self.equal, self.how = self._equal()

    def told(self) -> Identification:
        """The identification."""
        nearest: dict[str, Candidate] = {}
        for other, (alike, *_) in sorted(self.every, key=lambda pair: pair[0] not in self.equal):
            made = Candidate(other.architecture, other.ref, other in self.equal, round(alike, 4))
            nearest.setdefault(other.architecture, made)
        judged = self._judge_equal(nearest) if self.equal else self._judge_near(nearest)
        return _identification(self.network, self.name, judged, list(nearest.values()))

    def _near(self, other: Known) -> tuple[float, int, int]:
        """Similarity; among equals those with as many normalizations are nearer, then those that cost as much."""
        mine, exact = self.mine.sketch, other.sketch.exact
        if exact not in self._alike:  # equal structures have equal sketches
            self._alike[exact] = similarity(mine, other.sketch)
        norms, macs = abs(mine.norms - other.sketch.norms), abs(self.mine.macs - other.macs)
        return self._alike[exact], -norms, -macs

    # ------------------------------------------------------------ equal ones

    def _equal(self) -> tuple[list[Known], str]:
        """The known networks that are the same, and how: of the advertised name where there are such."""
        mine = self.mine.sketch
        found = [other for other in self.others if other.sketch.exact == mine.exact]
        folded = [other for other in self.others if other.sketch.norms and other.sketch.folded == mine.folded]
        if folded and not mine.norms and (not found or (self._named(folded) and not self._named(found))):
            return folded, " with batch normalization folded away"
        return (found, "") if found else self._compared()

    def _named(self, networks: Sequence[Known]) -> bool:
        return any(one.architecture in self.readings for one in networks)

    def _compared(self) -> tuple[list[Known], str]:
        """The first of those that are alike in all but padding from which `diff` finds the network no different."""
        alike = {other.sketch.exact: other for other, near in reversed(self.every) if near[0] == 1}
        for exact, other in [*reversed(alike.items())][:TRIED]:
            difference = diff(self.network, other.ref)
            if _same(difference):
                words = "; ".join(cause.words for cause in difference.differences)
                return [one for one in self.others if one.sketch.exact == exact], f" but for: {words}"
        return [], ""

    def _judge_equal(self, nearest: dict[str, Candidate]) -> _Judged:
        use = {one.architecture: self._use(one.architecture) for one in self.equal}
        best = nearest[max(use, key=lambda architecture: use[architecture])]
        named = [nearest[one] for one in use if one in self.readings]
        match = named[0] if named else best
        also = sorted(f"{one} ({nearest[one].ref})" for one in use if one != match.architecture)
        graph = f"the graph is that of {match.ref}{self.how}"
        graph += f", which also goes by {' and '.join(also)}" if also else ""
        if self.name is None:
            return _Judged("unadvertised", f"the name says nothing; {graph}", match)
        if named:
            return _Judged("consistent", graph, match)
        other = next(
            (one for one, _ in self.every if one.architecture in self.readings and one not in self.equal), None
        )
        if other is None:
            return _Judged("mislabelled", f"{graph}; no other graph of {self.name.architecture} is known", match)
        words = self._words(other)
        if self._near(other)[:2] == (1.0, 0):
            return _Judged("variant", f"{graph}; {words}", nearest[other.architecture])
        return _Judged("mislabelled", f"{graph}; {words}", match)

    def _use(self, architecture: str) -> tuple[int, float]:
        """How many zoos call this graph so, and what share that is of those that have a network of the name."""
        zoos = {one.zoo for one in self.equal if one.architecture == architecture}
        every = {one.zoo for one in self.others if one.architecture == architecture}
        return len(zoos), len(zoos) / len(every)

    # ------------------------------------------------------------ others

    def _judge_near(self, nearest: dict[str, Candidate]) -> _Judged:
        if not self.every or self.every[0][1][0] < THRESHOLD:
            alike = f" (the nearest, {self.every[0][0].ref}: {self.every[0][1][0]:.2f})" if self.every else ""
            return _Judged("unknown", f"no known network is as much as {THRESHOLD} alike{alike}")
        best = self.every[0]
        named = next((pair for pair in self.every if pair[0].architecture in self.readings), None)
        if self.name is None:
            return _Judged(
                "unadvertised", f"the name says nothing; {self._words(best[0])}", nearest[best[0].architecture]
            )
        if named is None:
            reason = f"no graph of {self.name.architecture} is known; {self._words(best[0])}"
            return _Judged("unknown", reason)
        if named[1][0] >= best[1][0] - MARGIN:
            return _Judged("variant", self._words(named[0]), nearest[named[0].architecture])
        reason = f"{best[1][0]:.2f} alike {best[0].ref}, {named[1][0]:.2f} {named[0].ref}; {self._words(best[0])}"
        return _Judged("mislabelled", reason, nearest[best[0].architecture])

    def _words(self, other: Known) -> str:
        """What differs between the network and a known one."""
        difference = diff(self.network, other.ref)
        causes = [cause for cause in difference.differences if cause.group == ARCHITECTURE] or difference.differences
        words = [cause.words for cause in causes[:CAUSES]]
        more = [f"{len(causes) - CAUSES} more"] if len(causes) > CAUSES else []
        return f"beside {other.ref} (on the right): {'; '.join(words + more) or 'no difference found'}"


def _same(difference: Difference) -> bool:
    """Whether two networks differ in input, classes and details alone."""
    if difference.not_compared or any(difference.remainder.values()):
        return False
    return all(cause.kind == "input" or cause.group != ARCHITECTURE for cause in difference.differences)


class _BySize:
    """A published network without a graph of its own, held against the known ones by the size of its file."""

    def __init__(self, network: Network, name: _Name | None, others: Sequence[Known]) -> None:
        if network.weights is None or network.weights.bytes is None:
            missing = network.record.graph_missing if network.record else None
            why = f": {missing.reason}" if missing else ""
            raise Refusal(f"there is neither a graph nor a file size of {network.ref}{why}")
        self.network, self.name, self.bytes = network, name, network.weights.bytes
        naming = names.canonical(network.zoo or "", network.name)
        self.quantised, self.family = naming.quantised, naming.family
        self.others = [other for other in others if other.zoo != network.zoo]

    def told(self) -> Identification:
        """The identification."""
        if self.quantised:
            judged = _Judged("unknown", f"there is no graph, and {self.quantised} weights have no set size")
            return _identification(self.network, self.name, judged, [])
        ranked: dict[str, Candidate] = {}
        for other in sorted(self.others, key=lambda other: (not self._relative(other), -self._near(other))):
            made = Candidate(other.architecture, other.ref, False, round(self._near(other), 4))
            ranked.setdefault(other.architecture, made)
        return _identification(self.network, self.name, self._judge(ranked), list(ranked.values()))

    def _judge(self, ranked: dict[str, Candidate]) -> _Judged:
        size = f"there is no graph; the file has {self.bytes:,} bytes"
        if self.name is None:
            return _Judged("unadvertised", f"the name says nothing; {size}")
        named = [other for other in self.others if other.architecture in self.name.readings]
        if missing := self.name.readings - {other.architecture for other in named}:
            return _Judged("unknown", f"{size}, and no other zoo has a graph of {' or '.join(sorted(missing))}")
        needed = min(named, key=lambda other: other.least_bytes)
        need = f"{needed.ref}, whose weights need {needed.least_bytes:,}"
        if self.bytes >= needed.least_bytes:
            return _Judged("unknown", f"{size}: enough for {need}, which proves nothing")
        fit = next((one for one in self.others if self._relative(one) and self._near(one) == 1), None)
        match = ranked[fit.architecture] if fit else None
        fits = f"; it fits {fit.ref}" if fit else ""
        return _Judged("mislabelled", f"{size}: too few for {need}{fits}", match)

    def _relative(self, other: Known) -> bool:
        return names.canonical("", other.architecture).family == self.family

    def _near(self, other: Known) -> float:
        """The file's size by what the weights need, the smaller by the larger; 1 where they fit."""
        most = 4 * other.params * (1 + OVERHEAD)
        return min(1.0, self.bytes / other.least_bytes, most / self.bytes)


def _identification(
    network: Network, name: _Name | None, judged: _Judged, ranked: Sequence[Candidate]
) -> Identification:
    match = judged.match
    others = [one for one in ranked if match is None or one.architecture != match.architecture]
    return Identification(
        model=network.about(),
        advertised=name.architecture if name else None,
        match=match,
        candidates=tuple([*([match] if match else []), *others][:NEAREST]),
        verdict=judged.verdict,
        reason=judged.reason,
    )


def document(identification: Identification) -> dict[str, Any]:
    """The identification as the JSON document that `identify --json` prints."""
    built: dict[str, Any] = {"format": FORMAT, "kind": "identification", **msgspec.to_builtins(identification)}
    return built
