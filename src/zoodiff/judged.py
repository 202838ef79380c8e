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
from zoodiff.known import Known, known, on_paper
from zoodiff.reference import published

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


def verdicts() -> dict[str, Verdict]:
    """What each model of the newest snapshots is, by `ZOO:MODEL`; one with neither graph nor file size is left out.

    Where the snapshots are not those that the index was made of, all are judged anew, once per process.
    """
    return {verdict.ref.partition("/")[0]: verdict for verdict in _current().verdicts}


def partings() -> dict[str, tuple[Parting, ...]]:
    """By architecture, in what its commonest network differs from each other network of the name."""
    found: dict[str, tuple[Parting, ...]] = {}
    for parting in _current().partings:
        found[parting.architecture] = (*found.get(parting.architecture, ()), parting)
    return found


class Apart(NamedTuple):
    """Networks that all differ in the same way from the commonest of their name."""

    refs: tuple[str, ...]
    words: tuple[str, ...]


def apart(architecture: str) -> tuple[str, tuple[Apart, ...]]:
    """The commonest network of a name, and what tells each other one from it: those that differ alike together."""
    found: dict[tuple[str, ...], list[str]] = {}
    parted = partings().get(architecture, ())
    for parting in parted:
        if parting.words:
            found.setdefault(parting.words, []).append(parting.right)
    return parted[0].left if parted else "", tuple(Apart(tuple(refs), words) for words, refs in found.items())


def _current() -> _Index:
    return _of(_digest())


@cache
def _of(digest: str) -> _Index:
    index = msgspec.json.decode(INDEX.read_bytes(), type=_Index)
    return index if index.of == digest else _made(digest)


def _made(digest: str) -> _Index:
    return _Index(FORMAT, digest, tuple(_verdicts()), tuple(_partings(known())))


def _digest() -> str:
    named = [(one.ref, one.architecture, one.sketch.exact) for one in (*known(), *on_paper())]
    return hashlib.sha256(repr(named).encode()).hexdigest()


def _verdicts() -> Iterator[Verdict]:
    for entry in {entry.zoo: entry for entry in store.snapshots()}.values():
        records = store.load(entry.zoo, entry.version)
        for model in records:
            try:
                told = identify(published(records, model, model.chosen()))
            except Refusal:  # there is neither a graph nor a size
                continue
            match = told.match
            yield Verdict(
                told.model["ref"],
                told.verdict,
                match.architecture if match else None,
                match.ref if match else None,
                tuple(one.architecture for one in told.candidates if one.exact),
                told.reason,
            )


def _partings(networks: Iterable[Known]) -> Iterator[Parting]:
    """Of each architecture, one network of each structure against the one that most zoos have."""
    named: dict[str, dict[str, list[Known]]] = {}
    for one in networks:
        named.setdefault(one.architecture, {}).setdefault(one.sketch.exact, []).append(one)
    for architecture, structures in sorted(named.items()):
        commonest, *others = sorted(
            structures.values(), key=lambda same: (-len({one.zoo for one in same}), same[0].ref)
        )
        for other in others:
            told = diff(commonest[0].ref, other[0].ref)
            words = [c.words for c in told.differences if c.group == ARCHITECTURE and c.kind != "input"]
            yield Parting(architecture, commonest[0].ref, other[0].ref, tuple(words))


def rebuild() -> None:
    """Make the index of the bundled snapshots again; the same snapshots give the same bytes."""
    made = msgspec.json.encode(_made(_digest()))
    INDEX.write_bytes(msgspec.json.format(made, indent=1) + b"\n")


if __name__ == "__main__":
    rebuild()
