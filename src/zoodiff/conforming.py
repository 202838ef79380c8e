"""Keep how the graphs of the bundled snapshots stand to their origin papers, so that an audit need not compare them.

`conforming.json` holds it; `python -m zoodiff.conforming` makes it again, in half a minute.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from zoodiff import names, store
from zoodiff.conform import CONFORMS, DEVIATION, conform, has_paper
from zoodiff.fault import Refusal
from zoodiff.known import digest
from zoodiff.memory import Kept
from zoodiff.paper import blueprints
from zoodiff.reference import Network, published

FORMAT: Final = 1
INDEX: Final = Path(__file__).parent / "conforming.json"


class Way(msgspec.Struct, frozen=True):
    """One deviation from a paper's network, with its whole share of the gap in cost."""

    words: str
    short: str
    """what the model has instead, as a name may say it"""
    macs: int
    params: int


class Held(msgspec.Struct, frozen=True):
    """What is kept of one graph held against its origin paper."""

    ref: str
    network: str
    """`paper:NAME`"""
    verdict: str
    """`conforms`, `deviates` or `undecided`"""
    ways: tuple[Way, ...] = ()
    conforms: tuple[str, ...] = ()
    """architectures whose names say more than the model's, and to whose papers' networks it conforms"""


class _Index(msgspec.Struct, frozen=True):
    """What is kept of all published graphs of some snapshots that have a paper."""

    format: int
    snapshots: dict[str, str]
    """SHA-256 of each one's graphs, by `ZOO/VERSION`"""
    graphs: tuple[Held, ...]


def held(network: Network) -> Held | None:
    """How a published network stands to its origin paper; None without a graph of its own that can be read or a paper.

    Of a snapshot that the index does not have it is computed, in about 0.2 s; see `remember`.
    """
    if network.weights is None or network.weights.graph is None or not has_paper(network):
        return None
    indexed = _graphs() if network.zoo and _indexed(network.zoo, network.version) else {}
    if found := indexed.get(f"{network.zoo}:{network.name}/{network.weights.id}"):
        return found
    computed = _computed(store.caches(), store.home())
    name = f"{network.ref} {_digest(network.zoo or '', network.version)}"
    if name not in computed.known:
        computed.keep(name, _readable(network))
    return computed.known[name]


def _readable(network: Network) -> Held | None:
    try:
        return hold(network)
    except Refusal:  # why, is said where it is measured
        return None


def remember() -> None:
    """Write down what was computed of the user's own snapshots, for the next process."""
    _computed(store.caches(), store.home()).save()


def hold(network: Network) -> Held:
    """Hold a network against its origin paper, and where it deviates against those of longer names.

    Raises Refusal where it has none.
    """
    found = conform(network)
    causes = [one.cause for one in found.of(DEVIATION)]
    ways = tuple(Way(cause.words, cause.short, cause.macs, cause.params) for cause in causes)
    return Held(network.ref, found.network, found.verdict, ways, tuple(_conforms(network)) if ways else ())


def _conforms(network: Network) -> Iterator[str]:
    name = names.canonical(network.zoo or "", network.name).architecture
    for _, told in blueprints().values():
        for origin in told.architectures:
            if names.extends(origin, name) and conform(network, told.name).verdict == CONFORMS:
                yield origin


def compute(entry: store.Entry) -> Iterator[Held]:
    """Every graph of a snapshot that has a paper, under each of its models and weights."""
    records = store.load(entry.zoo, entry.version)
    for model in records:
        done: dict[str, Held] = {}
        for weights in model.weights:
            network = published(records, model, weights)
            if weights.graph is not None and has_paper(network):
                if weights.graph not in done:
                    done[weights.graph] = hold(network)
                yield msgspec.structs.replace(done[weights.graph], ref=network.ref)


@cache
def _computed(_caches: Path, _home: Path) -> Kept[Held | None]:
    """By reference and digest of the graphs of its snapshot."""
    return Kept("held", dict[str, Held | None])


def _indexed(zoo: str, version: str | None) -> bool:
    """Whether the index holds the graphs that a snapshot has."""
    return _index().snapshots.get(f"{zoo}/{version}") == _digest(zoo, version) != ""


def _digest(zoo: str, version: str | None) -> str:
    """SHA-256 of the graphs of a snapshot; empty where there is none."""
    return _digest_under(store.home(), zoo, version)


@cache
def _digest_under(_home: Path, zoo: str, version: str | None) -> str:
    entry = next((one for one in store.snapshots() if (one.zoo, one.version) == (zoo, version)), None)
    return digest(entry) if entry else ""


@cache
def _graphs() -> dict[str, Held]:
    return {one.ref: one for one in _index().graphs}


@cache
def _index() -> _Index:
    return msgspec.json.decode(INDEX.read_bytes(), type=_Index)


def rebuild() -> None:
    """Make the index of the bundled snapshots again; the same snapshots give the same bytes."""
    entries = store.snapshots(store.BUNDLED)
    snapshots = {f"{entry.zoo}/{entry.version}": digest(entry) for entry in entries}
    head = msgspec.json.encode({"format": FORMAT, "snapshots": snapshots}).decode()
    lines = ",\n".join(msgspec.json.encode(one).decode() for entry in entries for one in compute(entry))
    INDEX.write_text(f'{head[:-1]},"graphs":[\n{lines}\n]}}\n', encoding="utf-8")


if __name__ == "__main__":
    rebuild()
