"""Tell in what two networks differ, once for each pair of graphs, whatever they are called and whoever has them.

`contrast.json` holds it for what is asked of the bundled snapshots; `python -m zoodiff.recognition.judged` makes it
again.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from zoodiff import places
from zoodiff.attribution.root import ARCHITECTURE
from zoodiff.comparison.diffing import diff
from zoodiff.measuring.memory import Kept, content
from zoodiff.reading.reference import Network, find
from zoodiff.recognition.known import Known

FORMAT: Final = 1
INDEX: Final = Path(__file__).parents[1] / "contrast.json"


class Way(msgspec.Struct, frozen=True):
    """One difference."""

    kind: str
    group: str
    words: str

    @property
    def structural(self) -> bool:
        """Whether it makes another architecture."""
        return self.group == ARCHITECTURE


class Contrast(msgspec.Struct, frozen=True):
    """In what two networks differ, the gravest first."""

    ways: tuple[Way, ...]
    whole: bool
    """whether all was compared, and no gap is left over"""

    @property
    def same(self) -> bool:
        """Whether they differ in input, classes and details alone."""
        return self.whole and all(way.kind == "input" or not way.structural for way in self.ways)


class _Index(msgspec.Struct, frozen=True):
    format: int
    pairs: dict[str, Contrast]
    """by SHA-256 of the left graph and of the right one"""


def contrast(left: Network, right: Known) -> Contrast:
    """In what a network differs from a known one, on the right; see `diff`.

    Between graphs of snapshots and papers it is computed once, in about 0.3 s; see `remember`.
    """
    graph = content(left)
    if graph is None:
        return _compared(left, right)
    pair, computed = f"{graph} {right.graph}", _computed(places.caches())
    if found := _index().pairs.get(pair):
        return found
    if pair not in computed.known:
        computed.keep(pair, _compared(left, right))
    return computed.known[pair]


def between(left: Known, right: Known) -> Contrast:
    """In what a published network differs from another."""
    return contrast(find(left.ref), right)


def remember() -> None:
    """Write down what was computed, for the next process."""
    _computed(places.caches()).save()


def _compared(left: Network, right: Known) -> Contrast:
    told = diff(left, right.ref)
    ways = tuple(Way(cause.kind, cause.group, cause.words) for cause in told.differences)
    return Contrast(ways, not told.not_compared and not any(told.remainder.values()))


@cache
def _computed(_caches: Path) -> Kept[Contrast]:
    return Kept("contrasted", dict[str, Contrast])


@cache
def _index() -> _Index:
    return msgspec.json.decode(INDEX.read_bytes(), type=_Index)


def forget() -> None:
    """Compute all anew in this process, as a rebuild must."""
    for pairs in (_index().pairs, _computed(places.caches()).known):
        pairs.clear()


def rebuild() -> None:
    """Make the index again, of all that was asked since `forget`."""
    pairs = sorted(_computed(places.caches()).known.items())
    lines = ",\n".join(msgspec.json.encode({pair: told}).decode()[1:-1] for pair, told in pairs)
    INDEX.write_text(f'{{"format":{FORMAT},"pairs":{{\n{lines}\n}}}}\n', encoding="utf-8")
