"""Keep what structure says of every published model - which network it is, where namesakes part - for audits to tell.

`judged.json` holds it for the bundled snapshots; `python -m zoodiff.recognition.judged` makes it again, in a few
minutes, and `contrast.json` with it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from zoodiff import places
from zoodiff.fault import Refusal
from zoodiff.measuring.memory import Kept, content
from zoodiff.reading import entries, store
from zoodiff.reading.reference import Network, published
from zoodiff.recognition import contrast
from zoodiff.recognition.advertised import advertised
from zoodiff.recognition.identify import recognise
from zoodiff.recognition.known import Known, known, newest, on_paper
from zoodiff.recognition.others import Others, against

FORMAT: Final = 1
INDEX: Final = Path(__file__).parents[1] / "judged.json"


class Verdict(msgspec.Struct, frozen=True):
    """Which known network a published model is, and whether its name says so."""

    ref: str
    """with the weights that were judged"""
    verdict: str
    """as `identify` gives it"""
    match: str | None
    """the architecture that it is"""
    like: str | None
    """reference of a network of that architecture"""
    names: tuple[str, ...]
    """all architectures of which some zoo or paper has the very same network"""
    reason: str


class Parting(msgspec.Struct, frozen=True):
    """In what two networks of one name differ at one input size: their differences of architecture, gravest first."""

    architecture: str
    left: str
    right: str
    words: tuple[str, ...]


class _Index(msgspec.Struct, frozen=True):
    format: int
    of: str
    """digest of the graphs and names that it was made of"""
    verdicts: tuple[Verdict, ...]


def verdicts(networks: Iterable[Network] | None = None) -> dict[str, Verdict]:
    """What published models are, by `ZOO:MODEL`: these, or each of the newest snapshots.

    One with neither graph nor file size is left out. Where the snapshots are not those that the index was made of,
    these are judged anew, each graph once under each name, and remembered.
    """
    digest = _digest()
    if (index := _index()).of == digest:
        return {verdict.ref.partition("/")[0]: verdict for verdict in index.verdicts}
    kept, others, found = _kept(places.caches(), places.home()), against(), dict[str, Verdict]()
    for network in _published() if networks is None else networks:
        name = f"{_asked(network, others)} {digest}"
        if name not in kept.known:
            kept.keep(name, _verdict(network, others))
        if (verdict := kept.known[name]) is not None:
            found[network.ref.partition("/")[0]] = msgspec.structs.replace(verdict, ref=network.ref)
    kept.save()
    contrast.remember()
    return found


def partings(architectures: Iterable[str] | None = None) -> dict[str, tuple[Parting, ...]]:
    """By architecture, of these or of all: in what its commonest network differs from each other network of the name.

    Graphs that the index lacks are compared anew, and remembered.
    """
    named = _structures(newest())
    asked = named if architectures is None else architectures
    found = {architecture: tuple(_parted(architecture, named.get(architecture, {}))) for architecture in asked}
    contrast.remember()
    return {architecture: parted for architecture, parted in found.items() if parted}


class Apart(NamedTuple):
    """Networks that all differ in the same way from the commonest of their name."""

    refs: tuple[str, ...]
    words: tuple[str, ...]


def apart(architecture: str) -> tuple[str, tuple[Apart, ...]]:
    """The commonest network of a name, and what tells each other one from it: those that differ alike together."""
    found: dict[tuple[str, ...], list[str]] = {}
    parted = partings([architecture]).get(architecture, ())
    for parting in parted:
        if parting.words:
            found.setdefault(parting.words, []).append(parting.right)
    return parted[0].left if parted else "", tuple(Apart(tuple(refs), words) for words, refs in found.items())


@cache
def _index() -> _Index:
    return msgspec.json.decode(INDEX.read_bytes(), type=_Index)


@cache
def _kept(_caches: Path, _home: Path) -> Kept[Verdict | None]:
    """What was judged of the user's own snapshots, by what is asked and the digest of all."""
    return Kept("judged", dict[str, Verdict | None], of_snapshots=True)


def _digest() -> str:
    named = [(one.ref, one.architecture, one.sketch.exact) for one in (*known(), *on_paper())]
    return hashlib.sha256(repr(named).encode()).hexdigest()


def _published() -> Iterator[Network]:
    for entry in newest():
        records = store.load(entry.zoo, entry.version)
        for model in records:
            yield published(records, model, model.chosen())


def _asked(network: Network, others: Others) -> str:
    """Equal for networks of which the same is told: a graph of its own and its name decide, or all that is known."""
    graph, name = content(network), advertised(network, others)
    return f"{graph} {name and sorted(name.readings)} {name and name.architecture}" if graph else network.ref


def _verdict(network: Network, others: Others) -> Verdict | None:
    try:
        told = recognise(network, others)
    except Refusal:  # there is neither a graph nor a size
        return None
    match = told.match
    return Verdict(
        network.ref,
        told.verdict,
        match.architecture if match else None,
        match.ref if match else None,
        told.names,
        told.reason,
    )


Structures = dict[str, list[Known]]
"""the networks of one name by their structure's hash"""


@cache
def _structures(_snapshots: tuple[entries.Entry, ...]) -> dict[str, Structures]:
    """The known networks by architecture and structure, while the snapshots are these."""
    named: dict[str, Structures] = {}
    for one in known():
        named.setdefault(one.architecture, {}).setdefault(one.sketch.exact, []).append(one)
    return named


def _parted(architecture: str, structures: Structures) -> Iterator[Parting]:
    """One network of each structure against the one that most zoos have."""
    if not structures:
        return
    commonest, *others = sorted(structures.values(), key=lambda same: (-len({one.zoo for one in same}), same[0].ref))
    for other in others:
        ways = contrast.between(commonest[0], other[0]).ways
        words = [way.words for way in ways if way.structural and way.kind != "input"]
        yield Parting(architecture, commonest[0].ref, other[0].ref, tuple(words))


def rebuild() -> None:
    """Make the indexes of the bundled snapshots again; the same snapshots give the same bytes."""
    contrast.forget()
    others = against()
    told = tuple(one for network in _published() if (one := _verdict(network, others)) is not None)
    partings()
    made = msgspec.json.encode(_Index(FORMAT, _digest(), told))
    INDEX.write_bytes(msgspec.json.format(made, indent=1) + b"\n")
    contrast.rebuild()


if __name__ == "__main__":
    rebuild()
