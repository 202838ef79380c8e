"""Keep what structure says of every published model - which network it is, where namesakes part - for audits to tell.

`judged.json` holds it for the bundled snapshots; `python -m zoodiff.judged` makes it again, in a few minutes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from zoodiff import store
from zoodiff.causes import ARCHITECTURE
from zoodiff.difference import diff
from zoodiff.fault import Refusal
from zoodiff.identify import identify
from zoodiff.known import Known, known, newest, on_paper
from zoodiff.memory import Kept
from zoodiff.reference import Network, published

FORMAT: Final = 1
INDEX: Final = Path(__file__).parent / "judged.json"


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
    partings: tuple[Parting, ...]


def verdicts(networks: Iterable[Network] | None = None) -> dict[str, Verdict]:
    """What published models are, by `ZOO:MODEL`: these, or each of the newest snapshots.

    One with neither graph nor file size is left out. Where the snapshots are not those that the index was made of,
    these are judged anew, and remembered.
    """
    digest = _digest()
    if (index := _index()).of == digest:
        return {verdict.ref.partition("/")[0]: verdict for verdict in index.verdicts}
    kept, found = _kept(store.caches(), store.home()).verdicts, dict[str, Verdict]()
    for network in _published() if networks is None else networks:
        name = f"{network.ref} {digest}"
        if name not in kept.known:
            kept.keep(name, _verdict(network))
        if (verdict := kept.known[name]) is not None:
            found[network.ref.partition("/")[0]] = verdict
    kept.save()
    return found


def partings(architectures: Iterable[str] | None = None) -> dict[str, tuple[Parting, ...]]:
    """By architecture, of these or of all: in what its commonest network differs from each other network of the name.

    Where the snapshots are not those that the index was made of, these are compared anew, and remembered.
    """
    digest, found = _digest(), dict[str, tuple[Parting, ...]]()
    if (index := _index()).of == digest:
        for parting in index.partings:
            found[parting.architecture] = (*found.get(parting.architecture, ()), parting)
        return found
    kept, named = _kept(store.caches(), store.home()).partings, _structures(digest)
    for architecture in named if architectures is None else architectures:
        name = f"{architecture} {digest}"
        if name not in kept.known:
            kept.keep(name, tuple(_parted(architecture, named.get(architecture, {}))))
        if kept.known[name]:
            found[architecture] = kept.known[name]
    kept.save()
    return found


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


class _Kept(NamedTuple):
    """What was judged and compared of the user's own snapshots, by what and the digest of all."""

    verdicts: Kept[Verdict | None]
    partings: Kept[tuple[Parting, ...]]


@cache
def _kept(_caches: Path, _home: Path) -> _Kept:
    return _Kept(Kept("judged", dict[str, Verdict | None]), Kept("parted", dict[str, tuple[Parting, ...]]))


def _digest() -> str:
    named = [(one.ref, one.architecture, one.sketch.exact) for one in (*known(), *on_paper())]
    return hashlib.sha256(repr(named).encode()).hexdigest()


def _published() -> Iterator[Network]:
    for entry in newest():
        records = store.load(entry.zoo, entry.version)
        for model in records:
            yield published(records, model, model.chosen())


def _verdict(network: Network) -> Verdict | None:
    try:
        told = identify(network)
    except Refusal:  # there is neither a graph nor a size
        return None
    match = told.match
    return Verdict(
        told.model["ref"],
        told.verdict,
        match.architecture if match else None,
        match.ref if match else None,
        tuple(one.architecture for one in told.candidates if one.exact),
        told.reason,
    )


Structures = dict[str, list[Known]]
"""the networks of one name by their structure's hash"""


@cache
def _structures(_digest: str) -> dict[str, Structures]:
    """The known networks by architecture and structure."""
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
        told = diff(commonest[0].ref, other[0].ref)
        words = [c.words for c in told.differences if c.group == ARCHITECTURE and c.kind != "input"]
        yield Parting(architecture, commonest[0].ref, other[0].ref, tuple(words))


def rebuild() -> None:
    """Make the index of the bundled snapshots again; the same snapshots give the same bytes."""
    digest = _digest()
    told = tuple(one for network in _published() if (one := _verdict(network)) is not None)
    named = _structures(digest)
    parted = tuple(part for name in sorted(named) for part in _parted(name, named[name]))
    made = msgspec.json.encode(_Index(FORMAT, digest, told, parted))
    INDEX.write_bytes(msgspec.json.format(made, indent=1) + b"\n")


if __name__ == "__main__":
    rebuild()
