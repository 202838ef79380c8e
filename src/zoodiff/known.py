"""Keep what is needed to know the graphs of all snapshots again, so that one network is held against all in no time.

`known.json` holds it for the bundled snapshots; `python -m zoodiff.known` makes it again, in about a minute.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from zoodiff import names, store
from zoodiff.count import count
from zoodiff.net import build
from zoodiff.reference import Network, published
from zoodiff.sketch import Sketch, sketch

FORMAT: Final = 1
INDEX: Final = Path(__file__).parent / "known.json"


class Known(msgspec.Struct, frozen=True):
    """What is kept of a network: in the index, one for each graph that an architecture has in a zoo."""

    ref: str
    zoo: str
    architecture: str
    macs: int
    params: int
    least_bytes: int
    """what its weights need at the least, in 32 bits each"""
    layers: int
    sketch: Sketch


class _Index(msgspec.Struct, frozen=True):
    """What is kept of every graph of some snapshots."""

    format: int
    snapshots: dict[str, str]
    """SHA-256 of each one's graphs, by `ZOO/VERSION`"""
    networks: tuple[Known, ...]


def known() -> tuple[Known, ...]:
    """Every network that others are held against: the graphs of each zoo's newest snapshot.

    What the index lacks (a snapshot of the user's own) is computed, once per process, in about 0.2 s a graph.
    """
    newest = {entry.zoo: entry for entry in store.snapshots()}
    return tuple(network for entry in newest.values() for network in _of(entry))


def know(network: Network, architecture: str = "") -> Known:
    """What is kept of one network. Raises Refusal where there is no graph."""
    graph = network.graph()
    counts = count(graph)
    return Known(
        ref=network.ref,
        zoo=network.zoo or "",
        architecture=architecture,
        macs=counts.macs.value,
        params=counts.params.value,
        least_bytes=counts.least_bytes,
        layers=counts.layers,
        sketch=sketch(build(graph)),
    )


def compute(entry: store.Entry) -> Iterator[Known]:
    """Each graph of a snapshot under each architecture whose name it bears; a stand-in is not a model's own graph."""
    records = store.load(entry.zoo, entry.version)
    done: dict[str, Known] = {}
    found: set[tuple[str, str]] = set()
    for model in records:
        architecture = names.canonical(entry.zoo, model.name).architecture
        for weights in sorted(model.weights, key=lambda weights: not weights.default):
            if weights.graph is None:
                continue
            network = published(records, model, weights)
            if weights.graph not in done:
                done[weights.graph] = know(network)
            one = msgspec.structs.replace(done[weights.graph], ref=network.ref, architecture=architecture)
            if (one.sketch.exact, architecture) not in found:
                found.add((one.sketch.exact, architecture))
                yield one


@cache
def _of(entry: store.Entry) -> tuple[Known, ...]:
    index = _index()
    if index.snapshots.get(f"{entry.zoo}/{entry.version}") == digest(entry):
        return tuple(network for network in index.networks if network.zoo == entry.zoo)
    return tuple(compute(entry))


@cache
def _index() -> _Index:
    return msgspec.json.decode(INDEX.read_bytes(), type=_Index)


def digest(entry: store.Entry) -> str:
    """SHA-256 of all graphs of a snapshot: what is kept of them holds for these bytes."""
    return hashlib.sha256(store.packed(entry)).hexdigest()


def rebuild() -> None:
    """Make the index of the bundled snapshots again; the same snapshots give the same bytes."""
    entries = store.snapshots(store.BUNDLED)
    index = _Index(
        FORMAT,
        {f"{entry.zoo}/{entry.version}": digest(entry) for entry in entries},
        tuple(network for entry in entries for network in compute(entry)),
    )
    head = msgspec.json.encode({"format": FORMAT, "snapshots": index.snapshots}).decode()
    lines = ",\n".join(msgspec.json.encode(network).decode() for network in index.networks)
    INDEX.write_text(f'{head[:-1]},"networks":[\n{lines}\n]}}\n', encoding="utf-8")


if __name__ == "__main__":
    rebuild()
