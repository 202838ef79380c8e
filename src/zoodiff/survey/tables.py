"""The tables of the study: how often each zoo is at an end, where the zoos are farthest apart, and what was matched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from zoodiff.reading import names
from zoodiff.record import Unmeasured
from zoodiff.survey.study import Entry, Group, Study

METRICS = ("acc@1", "acc@5", "macs")
"""What zoos can be ranked by."""
Ties = Literal["all", "none", "first", "last"]
"""Which of several zoos with an equal value are counted as highest or lowest."""


@dataclass(frozen=True)
class Rank:
    """How one zoo stands in Table 1 for one metric."""

    zoo: str
    models: int
    """architectures of the zoo that at least one other zoo has a value for too"""
    highest: int
    """those where no zoo has more; every zoo of a tie counts, so where all are equal each is highest and lowest"""
    lowest: int

    @property
    def highest_share(self) -> Fraction | Unmeasured:
        """Exact share of its models, 0 to 1; Unmeasured where nothing could be compared."""
        return self._share(self.highest)

    @property
    def lowest_share(self) -> Fraction | Unmeasured:
        """Exact share of its models, 0 to 1; Unmeasured where nothing could be compared."""
        return self._share(self.lowest)

    def _share(self, times: int) -> Fraction | Unmeasured:
        return Fraction(times, self.models) if self.models else Unmeasured("no other zoo has a value to compare with")


@dataclass(frozen=True)
class Spread:
    """One architecture's claims of one metric: one model of each zoo, lowest claim first."""

    architecture: str
    points: tuple[tuple[Entry, Decimal], ...]
    spread: Decimal
    """highest minus lowest, in percentage points"""


@dataclass(frozen=True)
class Ratio:
    """One architecture's multiply-accumulates: one model of each zoo at its own input size, fewest first."""

    architecture: str
    points: tuple[tuple[Entry, int], ...]
    ratio: Fraction
    """most over fewest"""


@dataclass(frozen=True)
class Match:
    """What one published name was taken to mean, by which rule, and who else has that architecture."""

    naming: names.Naming
    zoos: tuple[str, ...]
    """the zoos that have the architecture"""

    @property
    def left_alone(self) -> bool:
        """Whether no rule knew the name, so that it stands for itself."""
        return self.naming.rule == names.LEFT_ALONE


def table1(study: Study, metric: str) -> tuple[Rank, ...]:
    """How often each zoo's model is the highest and the lowest of its architecture (the 2022 paper's Table 1).

    `metric` is `acc@1`, `acc@5` (claims) or `macs` (counted graphs); of each zoo one model counts (`Group.by_zoo`).
    One row per zoo, in the study's order.
    """
    return ranks([dict(_values(group, metric)) for group in study.groups], [s.zoo for s in study.snapshots])


def ranks(
    architectures: Iterable[Mapping[str, Decimal | int]], zoos: Sequence[str], ties: Ties = "all"
) -> tuple[Rank, ...]:
    """How often each zoo has the highest and the lowest value of an architecture; one row per zoo.

    Each architecture is its values by zoo; those of fewer than two zoos do not count. `ties` says which of the zoos
    with equal values count; `first` and `last` go by the order of `zoos`.
    """
    models: Counter[str] = Counter()
    highest: Counter[str] = Counter()
    lowest: Counter[str] = Counter()
    for values in architectures:
        present = [zoo for zoo in zoos if zoo in values]
        if len(present) < 2:
            continue
        models.update(present)
        for end, counter in ((max, highest), (min, lowest)):
            extreme = end(values[zoo] for zoo in present)
            counter.update(_counting([zoo for zoo in present if values[zoo] == extreme], ties))
    return tuple(Rank(zoo, models[zoo], highest[zoo], lowest[zoo]) for zoo in zoos)


def _counting(equal: list[str], ties: Ties) -> list[str]:
    """Those of some zoos with equal values that count."""
    if len(equal) == 1 or ties == "all":
        return equal
    return {"first": equal[:1], "last": equal[-1:]}.get(ties, [])


def top_spreads(study: Study, metric: str, most: int = 10) -> tuple[Spread, ...]:
    """The architectures whose claims of `acc@1` or `acc@5` are farthest apart, largest spread first.

    Architectures whose zoos all claim the same are left out; of equal spreads the first by name comes first.
    """
    found = [
        Spread(group.architecture, _claimed(group, metric), spread)
        for group in study.groups
        if (spread := group.spread(metric))
    ]
    return tuple(sorted(found, key=lambda row: (-row.spread, row.architecture))[:most])


def top_mac_ratios(study: Study, most: int = 10) -> tuple[Ratio, ...]:
    """The architectures whose models differ most in multiply-accumulates, largest ratio first; equal ones left out."""
    found = [
        Ratio(group.architecture, _counted(group), group.macs_ratio)
        for group in study.groups
        if group.macs_ratio and group.macs_ratio > 1
    ]
    return tuple(sorted(found, key=lambda row: (-row.ratio, row.architecture))[:most])


def matches(study: Study) -> tuple[Match, ...]:
    """What every model's name was taken to mean; names that no rule knew come last."""
    found = [Match(entry.naming, group.zoos) for group in study.groups for entry in group.entries]

    def order(match: Match) -> tuple[bool, str, str, str, str]:
        naming = match.naming
        return (match.left_alone, naming.family, naming.architecture, naming.zoo, naming.name)

    return tuple(sorted(found, key=order))


def _values(group: Group, metric: str) -> Iterator[tuple[str, Decimal | int]]:
    """The values of a metric that are compared, with their zoo."""
    if metric == "macs":
        yield from ((entry.zoo, macs) for entry, macs in _counted(group))
    else:
        yield from ((entry.zoo, value) for entry, value in _claimed(group, metric))


def _claimed(group: Group, metric: str) -> tuple[tuple[Entry, Decimal], ...]:
    chosen = [(entry, value) for entry in group.by_zoo(metric).values() if (value := entry.value(metric)) is not None]
    return tuple(sorted(chosen, key=lambda point: (point[1], point[0].ref)))


def _counted(group: Group) -> tuple[tuple[Entry, int], ...]:
    counted = [(entry, entry.macs) for entry in group.by_zoo("macs").values() if entry.macs]
    return tuple(sorted(counted, key=lambda point: (point[1], point[0].ref)))
