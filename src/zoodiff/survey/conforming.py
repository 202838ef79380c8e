"""Keep how the graphs of the bundled snapshots stand to their origin papers, so that an audit need not compare them.

`conforming.json` holds it; `python -m zoodiff.survey.conforming` makes it again, in half a minute.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from zoodiff import places
from zoodiff.fault import Refusal
from zoodiff.measuring.memory import Kept, content
from zoodiff.reading import entries, names, store
from zoodiff.reading.paper import blueprints
from zoodiff.reading.reference import Network, published
from zoodiff.survey.conform import CONFORMS, DEVIATION, architectures, conform, has_paper

FORMAT: Final = 1
INDEX: Final = Path(__file__).parents[1] / "conforming.json"


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
    graphs: dict[str, Held]
    """by SHA-256 of the graph and what its model's name means"""


def held(network: Network) -> Held | None:
    """How a published network stands to its origin paper; None without a graph of its own that can be read or a paper.

    It is the same for the same graph under the same name, whatever zoo has it. What the index lacks is computed, in
    about 0.2 s; see `remember`.
    """
    if network.weights is None or network.weights.graph is None or not has_paper(network):
        return None
    if (same := _same(network)) is None:
        return None
    found, computed = _index().graphs.get(same), _computed(places.caches())
    if found is None and same not in computed.known:
        computed.keep(same, _readable(network))
    found = found or computed.known[same]
    return found and msgspec.structs.replace(found, ref=network.ref)


def _same(network: Network) -> str | None:
    """Equal for networks that stand alike to their papers; None where there is no graph of its own to be read."""
    graph = content(network)
    return graph and f"{graph} {' '.join(architectures(network))}"


def _readable(network: Network) -> Held | None:
    try:
        return hold(network)
    except Refusal:  # why, is said where it is measured
        return None


def remember() -> None:
    """Write down what was computed of the user's own snapshots, for the next process."""
    _computed(places.caches()).save()


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


def compute(entry: entries.Entry) -> Iterator[tuple[str, Held]]:
    """Every graph of a snapshot that has a paper, under each name that its models have; see `held`."""
    records, done = store.load(entry.zoo, entry.version), set[str]()
    for model in records:
        for weights in model.weights:
            network = published(records, model, weights)
            same = _same(network) if has_paper(network) else None
            if same and same not in done:
                done.add(same)
                yield same, hold(network)


@cache
def _computed(_caches: Path) -> Kept[Held | None]:
    """What the index lacks, by the same names."""
    return Kept("held", dict[str, Held | None])


@cache
def _index() -> _Index:
    return msgspec.json.decode(INDEX.read_bytes(), type=_Index)


def rebuild() -> None:
    """Make the index of the bundled snapshots again; the same snapshots give the same bytes."""
    graphs = dict(one for entry in entries.snapshots(entries.BUNDLED) for one in compute(entry))
    lines = ",\n".join(msgspec.json.encode({same: held}).decode()[1:-1] for same, held in sorted(graphs.items()))
    INDEX.write_text(f'{{"format":{FORMAT},"graphs":{{\n{lines}\n}}}}\n', encoding="utf-8")


if __name__ == "__main__":
    rebuild()
