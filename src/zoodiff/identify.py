"""Name a network by its structure: which known architecture it is, whatever it is called."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import msgspec

from zoodiff import names
from zoodiff.contrast import contrast
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
    return _judge(find(model), against(), lambda judge: judge.told())


class Recognised(NamedTuple):
    """What a published network is, without all that it is near to."""

    verdict: str
    reason: str
    match: Candidate | None
    names: tuple[str, ...]
    """architectures of which some zoo or paper has the very same network"""


def recognise(network: Network, others: Others) -> Recognised:
    """Tell which known architecture a network is, as `identify` does. Raises Refusal as it does."""
    return _judge(network, others, lambda judge: judge.recognised())


Asked = TypeVar("Asked")


def _judge(network: Network, others: Others, ask: Callable[[_ByGraph | _BySize], Asked]) -> Asked:
    name = advertised(network, others)
    if network.record is not None and (network.weights is None or network.weights.graph is None):
        return ask(_BySize(network, name, others))
    with excused(network):
        return ask(_ByGraph(network, name, others))


class Others:
    """The networks that others are held against: those of snapshots and papers whose names are not refuted."""

    def __init__(self, networks: Sequence[Known]) -> None:
        self.networks = _trusted(networks)
        self.zoos: dict[str, set[str]] = {}
        """by architecture"""
        self.exact: dict[str, list[Known]] = {}
        self.folded: dict[str, list[Known]] = {}
        """by the hash of the structure that is left without its normalizations; only such as have any"""
        for one in self.networks:
            self.zoos.setdefault(one.architecture, set()).add(one.zoo)
            self.exact.setdefault(one.sketch.exact, []).append(one)
            if one.sketch.norms:
                self.folded.setdefault(one.sketch.folded, []).append(one)
        self.distinct = distinct(self.networks)
        self._beside: dict[str, list[Known]] = {}

    def beside(self, zoo: str) -> list[Known]:
        """Those of other zoos."""
        if zoo not in self._beside:
            self._beside[zoo] = distinct(one for one in self.networks if one.zoo != zoo)
        return self._beside[zoo]


def distinct(networks: Iterable[Known]) -> list[Known]:
    """The first of those that nothing tells apart but their zoos' and models' names."""
    found: dict[tuple[object, ...], Known] = {}
    for one in networks:
        found.setdefault((one.architecture, one.sketch.exact, one.macs, one.params, one.least_bytes), one)
    return list(found.values())


def against() -> Others:
    """What networks are held against now."""
    return _others(newest(), tuple(papers()))


@cache
def _others(_snapshots: tuple[Entry, ...], _papers: tuple[str, ...]) -> Others:
    """What networks are held against, while snapshots and papers are these."""
    return Others((*known(), *on_paper()))


def _trusted(networks: Sequence[Known]) -> tuple[Known, ...]:
    """The networks whose names are not refuted: see `identify`."""
    bearers: dict[str, set[str]] = {}
    alike: dict[str, dict[str, set[str]]] = {}
    for one in networks:
        bearers.setdefault(one.architecture, set()).add(one.zoo)
        alike.setdefault(one.sketch.exact, {}).setdefault(one.architecture, set()).add(one.zoo)

    def refuted(names: dict[str, set[str]]) -> set[str]:
        use = {name: (len(zoos), len(zoos) / len(bearers[name])) for name, zoos in names.items()}
        return {
            name
            for name, (mine, share) in use.items()
            if any(many > mine and part > share for many, part in use.values())
        }

    wrong = {exact: refuted(names) for exact, names in alike.items()}
    return tuple(one for one in networks if one.architecture not in wrong[one.sketch.exact])


class Name(NamedTuple):
    """What a name says: its architecture, and all that it may mean."""

    architecture: str
    readings: frozenset[str]


def advertised(network: Network, others: Others) -> Name | None:
    """What a network's name, or its file's, says; None where that is nothing."""
    if network.proto is not None:
        return None
    naming = names.canonical(network.zoo or "", network.path.stem if network.path else network.name)
    if naming.rule == names.LEFT_ALONE and naming.architecture not in others.zoos:
        return None
    return Name(naming.architecture, frozenset({naming.architecture, *naming.readings}))


class _Judged(NamedTuple):
    verdict: str
    reason: str
    match: Candidate | None = None


Near = tuple[float, int, int]
"""similarity; among equals those with as many normalizations are nearer, then those that cost as much"""


class _ByGraph:
    """One network held against all that are known, by its graph."""

    def __init__(self, network: Network, name: Name | None, others: Others) -> None:
        self.network, self.name, self.others = network, name, others
        self.mine = know(network)
        self._alike: dict[str, float] = {}
        self.readings = name.readings if name else frozenset[str]()

    def told(self) -> Identification:
        """The identification."""
        nearest = self._nearest(sorted(self.every, key=lambda pair: not self._is_equal(pair[0])))
        return _identification(self.network, self.name, self.judged, list(nearest.values()))

    def recognised(self) -> Recognised:
        """The verdict, for which a network that is known need not be held against those that are near."""
        equal = self._nearest(self._ranked(distinct(self.equal)))
        names = tuple(one.architecture for one in _first(self.judged.match, equal.values()) if one.exact)
        return Recognised(self.judged.verdict, self.judged.reason, self.judged.match, names)

    @cached_property
    def judged(self) -> _Judged:
        return self._judge_equal() if self.equal else self._judge_near()

    @cached_property
    def every(self) -> list[tuple[Known, Near]]:
        """All others, the nearest first."""
        return self._ranked(self.others.distinct)

    def _ranked(self, networks: Iterable[Known]) -> list[tuple[Known, Near]]:
        return sorted(((other, self._near(other)) for other in networks), key=lambda pair: pair[1], reverse=True)

    def _nearest(self, ranked: Iterable[tuple[Known, Near]]) -> dict[str, Candidate]:
        """The first of each architecture."""
        nearest: dict[str, Candidate] = {}
        for other, (alike, *_) in ranked:
            if other.architecture not in nearest:
                made = Candidate(other.architecture, other.ref, self._is_equal(other), round(alike, 4))
                nearest[other.architecture] = made
        return nearest

    def _near(self, other: Known) -> Near:
        mine, exact = self.mine.sketch, other.sketch.exact
        if exact not in self._alike:  # equal structures have equal sketches
            self._alike[exact] = similarity(mine, other.sketch)
        norms, macs = abs(mine.norms - other.sketch.norms), abs(self.mine.macs - other.macs)
        return self._alike[exact], -norms, -macs

    # ------------------------------------------------------------ equal ones

    @cached_property
    def _equal(self) -> tuple[list[Known], str]:
        """The known networks that are the same, and how: of the advertised name where there are such."""
        mine = self.mine.sketch
        found = self.others.exact.get(mine.exact, [])
        folded = self.others.folded.get(mine.folded, [])
        if folded and not mine.norms and (not found or (self._named(folded) and not self._named(found))):
            return folded, " with batch normalization folded away"
        return (found, "") if found else self._compared()

    @property
    def equal(self) -> list[Known]:
        return self._equal[0]

    @cached_property
    def _structures(self) -> set[str]:
        return {one.sketch.exact for one in self.equal}

    def _is_equal(self, other: Known) -> bool:
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

    def _judge_equal(self) -> _Judged:
        nearest = self._nearest(self._ranked(distinct(self.equal)))
        use = {one.architecture: self._use(one.architecture) for one in distinct(self.equal)}
        best = nearest[max(use, key=lambda architecture: use[architecture])]
        named = [nearest[one] for one in use if one in self.readings]
        match = named[0] if named else best
        also = sorted(f"{one} ({nearest[one].ref})" for one in use if one != match.architecture)
        graph = f"the graph is that of {match.ref}{self._equal[1]}"
        graph += f", which also goes by {' and '.join(also)}" if also else ""
        if self.name is None:
            return _Judged("unadvertised", f"the name says nothing; {graph}", match)
        if named:
            return _Judged("consistent", graph, match)
        ranked = self._ranked(one for one in self.others.distinct if one.architecture in self.readings)
        if not ranked:
            return _Judged("mislabelled", f"{graph}; no other graph of {self.name.architecture} is known", match)
        other, near = ranked[0]
        words = self._words(other)
        if near[:2] == (1.0, 0):
            [variant] = self._nearest([ranked[0]]).values()
            return _Judged("variant", f"{graph}; {words}", variant)
        return _Judged("mislabelled", f"{graph}; {words}", match)

    def _use(self, architecture: str) -> tuple[int, float]:
        """How many zoos call this graph so, and what share that is of those that have a network of the name."""
        zoos = {one.zoo for one in self.equal if one.architecture == architecture}
        return len(zoos), len(zoos) / len(self.others.zoos[architecture])

    # ------------------------------------------------------------ others

    def _judge_near(self) -> _Judged:
        if not self.every or self.every[0][1][0] < THRESHOLD:
            alike = f" (the nearest, {self.every[0][0].ref}: {self.every[0][1][0]:.2f})" if self.every else ""
            return _Judged("unknown", f"no known network is as much as {THRESHOLD} alike{alike}")
        best, nearest = self.every[0], self._nearest(self.every)
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
        told = contrast(self.network, other)
        ways = [way for way in told.ways if way.structural] or told.ways
        words = [way.words for way in ways[:CAUSES]]
        more = [f"{len(ways) - CAUSES} more"] if len(ways) > CAUSES else []
        return f"beside {other.ref} (on the right): {'; '.join(words + more) or 'no difference found'}"


class _BySize:
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
        return _identification(self.network, self.name, self.judged, list(self.ranked.values()))

    def recognised(self) -> Recognised:
        """The verdict."""
        return Recognised(self.judged.verdict, self.judged.reason, self.judged.match, ())

    @cached_property
    def judged(self) -> _Judged:
        if self.quantised:
            return _Judged("unknown", f"there is no graph, and {self.quantised} weights have no set size")
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

    def _judged(self) -> _Judged:
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
        match = self.ranked[fit.architecture] if fit else None
        fits = f"; it fits {fit.ref}" if fit else ""
        return _Judged("mislabelled", f"{size}: too few for {need}{fits}", match)

    def _relative(self, other: Known) -> bool:
        return names.canonical("", other.architecture).family == self.family

    def _near(self, other: Known) -> float:
        """The file's size by what the weights need, the smaller by the larger; 1 where they fit."""
        most = 4 * other.params * (1 + OVERHEAD)
        return min(1.0, self.bytes / other.least_bytes, most / self.bytes)


def _identification(
    network: Network, name: Name | None, judged: _Judged, ranked: Sequence[Candidate]
) -> Identification:
    return Identification(
        model=network.about(),
        advertised=name.architecture if name else None,
        match=judged.match,
        candidates=_first(judged.match, ranked),
        verdict=judged.verdict,
        reason=judged.reason,
    )


def _first(match: Candidate | None, ranked: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """The candidates that are named: the match, and the nearest of other architectures."""
    others = [one for one in ranked if match is None or one.architecture != match.architecture]
    return tuple([*([match] if match else []), *others][:NEAREST])


def document(identification: Identification) -> dict[str, Any]:
    """The identification as the JSON document that `identify --json` prints."""
    built: dict[str, Any] = {"format": FORMAT, "kind": "identification", **msgspec.to_builtins(identification)}
    return built
