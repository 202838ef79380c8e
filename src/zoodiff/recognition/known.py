"""Keep what is needed to know the graphs of all zoos and papers again: one network is held against all in no time.

`known.json` holds it for the bundled snapshots and papers; `python -m zoodiff.recognition.known` makes it again, in a
minute.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from zoodiff import places, unit
from zoodiff.fault import Refusal
from zoodiff.measuring.batch import workers
from zoodiff.measuring.count import count
from zoodiff.measuring.memory import Kept, content, contents
from zoodiff.reading import entries, names, store
from zoodiff.reading.paper import blueprints, papers
from zoodiff.reading.reference import PAPER, Network, described, published, snapshot
from zoodiff.recognition.sketch import Sketch, sketch
from zoodiff.reducing.reduce import build

FORMAT: Final = 1
INDEX: Final = Path(__file__).parents[1] / "known.json"


class Known(msgspec.Struct, frozen=True):
    """What is kept of a network: in the index, one for each graph that an architecture has in a zoo."""

    ref: str
    zoo: str
    """`paper` where it is an origin paper's"""
    architecture: str
    macs: int
    params: int
    least_bytes: int
    """what its weights need at the least, in 32 bits each"""
    layers: int
    sketch: Sketch
    graph: str = ""
    """SHA-256 of the graph's bytes, or of what a paper builds it by"""


class _Index(msgspec.Struct, frozen=True):
    """What is kept of every graph of some snapshots and papers."""

    format: int
    snapshots: dict[str, str]
    """SHA-256 of each one's graphs, by `ZOO/VERSION`"""
    papers: dict[str, str]
    """SHA-256 of the files that each one's networks are built by, by id"""
    networks: tuple[Known, ...]


def known() -> tuple[Known, ...]:
    """Every published network that others are held against: the graphs of each zoo's newest snapshot.

    What the index lacks (graphs of the user's own) is computed in about 0.2 s a graph, and remembered.
    """
    found = tuple(network for entry in newest() for network in _of(entry))
    _computed(places.caches()).save()
    contents(places.caches()).save()
    return found


def newest() -> tuple[entries.Entry, ...]:
    """The newest snapshot of each zoo."""
    return tuple({entry.zoo: entry for entry in entries.snapshots()}.values())


def on_paper() -> tuple[Known, ...]:
    """Every network of an origin paper, under each architecture that it is the origin of, at the paper's own size."""
    return tuple(network for paper in papers() for network in _of_paper(paper))


def know(network: Network, architecture: str = "") -> Known:
    """What is kept of one network. Raises Refusal where there is no graph.

    Of a published graph it is computed once, whatever zoos, models and weights have the same bytes.
    """
    found = _remembered(network) or _know(network, "")
    return msgspec.structs.replace(found, ref=network.ref, zoo=network.zoo or "", architecture=architecture)


def _remembered(network: Network) -> Known | None:
    """What is kept of a published graph; None where there is none, or where it cannot be read."""
    graph = content(network)
    if graph is None:
        return None
    if found := _indexed().get(graph):
        return found
    computed = _computed(places.caches())
    if graph not in computed.known:
        _learn([network])
    return computed.known[graph]


def _learn(networks: Iterable[Network]) -> None:
    """Compute what nobody has computed yet, each graph once, by a process a core where they are many."""
    computed, missing = _computed(places.caches()), dict[str, Network]()
    for network in networks:
        graph = content(network)
        if graph is not None and graph not in _indexed() and graph not in computed.known:
            missing.setdefault(graph, network)
    with workers(None, len(missing)) as executor:
        told = (executor.map if executor else map)(_readable, missing.values(), missing)
        for graph, one in zip(missing, told, strict=True):
            computed.keep(graph, one)


def _readable(network: Network, same: str) -> Known | None:
    try:
        return _know(network, same)
    except Refusal:  # why, is said where it is measured
        return None


def _know(network: Network, same: str) -> Known:
    graph = network.graph()
    counts = count(graph)
    return Known(
        ref=network.ref,
        zoo=network.zoo or "",
        architecture="",
        macs=counts.macs.value,
        params=counts.params.value,
        least_bytes=counts.least_bytes,
        layers=counts.layers,
        sketch=sketch(build(graph)),
        graph=same,
    )


def compute(entry: entries.Entry) -> Iterator[Known]:
    """Each graph of a snapshot under each architecture whose name it bears; a stand-in is not a model's own graph.

    One that cannot be read is left out: why not is said where it is measured.
    """
    records, found = snapshot(entry.zoo, entry.version), set[tuple[str, str]]()
    networks = [
        published(records, model, weights)
        for model in records
        for weights in sorted(model.weights, key=lambda weights: not weights.default)
    ]
    _learn(networks)
    for network in networks:
        one, architecture = _remembered(network), names.canonical(entry.zoo, network.name).architecture
        if one is not None and (one.sketch.exact, architecture) not in found:
            found.add((one.sketch.exact, architecture))
            yield msgspec.structs.replace(one, ref=network.ref, zoo=entry.zoo, architecture=architecture)


def compute_paper(paper: str) -> Iterator[Known]:
    """Each network of a paper under each architecture that it is the origin of."""
    for told in papers()[paper].networks:
        same = hashlib.sha256(f"{_paper_digest(paper)} {told.name}".encode()).hexdigest()
        made = _know(described(told), same)
        for architecture in told.architectures:
            yield msgspec.structs.replace(made, zoo=PAPER, architecture=architecture)


@cache
def _of(entry: entries.Entry) -> tuple[Known, ...]:
    index = _index()
    if index.snapshots.get(f"{entry.zoo}/{entry.version}") == store.digest(entry):
        return tuple(network for network in index.networks if network.zoo == entry.zoo)
    return tuple(compute(entry))


@cache
def _computed(_caches: Path) -> Kept[Known | None]:
    """What was computed of graphs that the index lacks, by their SHA-256; None of those that cannot be read."""
    return Kept("known", dict[str, Known | None])


@cache
def _indexed() -> dict[str, Known]:
    """The graphs of the index by their SHA-256."""
    return {network.graph: network for network in _index().networks}


@cache
def _of_paper(paper: str) -> tuple[Known, ...]:
    index = _index()
    if index.papers.get(paper) == _paper_digest(paper):
        own = {f"{PAPER}:{name}" for name, (of, _) in blueprints().items() if of == paper}
        return tuple(network for network in index.networks if network.ref in own)
    return tuple(compute_paper(paper))


@cache
def _index() -> _Index:
    return msgspec.json.decode(INDEX.read_bytes(), type=_Index)


def _paper_digest(paper: str) -> str:
    """SHA-256 of the files of the room of papers, and of the paper's own where that is elsewhere."""
    own = Path(unit.find("papers", paper).__file__ or "")
    room = (Path(__file__).parents[1] / "papers").glob("*.py")
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted({own, *room}))).hexdigest()


def rebuild() -> None:
    """Make the index of the bundled snapshots and papers again; the same ones give the same bytes."""
    _indexed().clear()
    bundled = entries.snapshots(entries.BUNDLED)
    own = [paper for paper, module in unit.ids("papers").items() if module.startswith("zoodiff.")]
    index = _Index(
        FORMAT,
        {f"{entry.zoo}/{entry.version}": store.digest(entry) for entry in bundled},
        {paper: _paper_digest(paper) for paper in own},
        (
            *(network for entry in bundled for network in compute(entry)),
            *(network for paper in own for network in compute_paper(paper)),
        ),
    )
    head = msgspec.json.encode({"format": FORMAT, "snapshots": index.snapshots, "papers": index.papers}).decode()
    lines = ",\n".join(msgspec.json.encode(network).decode() for network in index.networks)
    INDEX.write_text(f'{head[:-1]},"networks":[\n{lines}\n]}}\n', encoding="utf-8")


if __name__ == "__main__":
    rebuild()
