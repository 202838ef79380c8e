"""Draw what a column of rows reads: a line from each row to the next, shortcuts and branches in lanes beside it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

MOST: Final = 8
"""Lanes that are told apart; what needs more goes together in the outermost."""


class Wire(NamedTuple):
    """One tensor that rows further down read."""

    start: int
    """the row that makes it"""
    stops: tuple[int, ...]
    """the rows that read it, but for the next one, downwards"""
    lane: int
    """0 is nearest to the column"""


class Stroke(NamedTuple):
    """What is to be drawn of one lane beside a span of rows."""

    lane: int
    above: bool
    """whether it comes from above"""
    below: bool
    joined: bool
    """whether it begins or ends at the span, or is read there"""

    def merged(self, other: Stroke) -> Stroke:
        """Two strokes as one, in this one's lane."""
        return Stroke(self.lane, self.above or other.above, self.below or other.below, self.joined or other.joined)


class Column(NamedTuple):
    """The lines of one network's column."""

    chained: frozenset[int]
    """rows that read the column's next row above"""
    passed: frozenset[int]
    """rows without a cell that a line from the cell above to the one below goes through"""
    wires: tuple[Wire, ...]

    @property
    def lanes(self) -> int:
        """How many lanes there are."""
        return max((wire.lane + 1 for wire in self.wires), default=0)

    def strokes(self, start: int, stop: int) -> list[Stroke]:
        """The lanes beside the rows from `start` to before `stop`; what both begins and ends among them is left out."""
        found: dict[int, Stroke] = {}
        for wire in self.wires:
            above, below = wire.start < start <= wire.stops[-1], wire.start < stop <= wire.stops[-1]
            if above or below:
                stroke = Stroke(wire.lane, above, below, any(start <= row < stop for row in (wire.start, *wire.stops)))
                found[wire.lane] = stroke.merged(found.get(wire.lane, stroke))
        return [found[lane] for lane in sorted(found)]


def column(rows: Sequence[int], reads: Mapping[int, Sequence[int]]) -> Column:
    """The lines of a column: `rows` are those that have a cell, downwards, and `reads` the rows that each one reads.

    A wire stands in the lane nearest to the column that is free all along it, shorter wires first, so that what is
    nested lies inside. Two wires may meet in one row: one ends where the other begins.
    """
    above = dict(zip(rows[1:], rows, strict=False))
    chained = frozenset(row for row in rows if row in above and above[row] in reads.get(row, ()))
    passed = frozenset(between for row in chained for between in range(above[row] + 1, row))
    stops: dict[int, list[int]] = {}
    for row in rows:
        for source in dict.fromkeys(reads.get(row, ())):
            if source != above.get(row):
                stops.setdefault(source, []).append(row)
    taken: list[list[tuple[int, int]]] = []
    wires = []
    for start in sorted(stops, key=lambda source: (stops[source][-1] - source, source)):
        lane = _free_lane(taken, (start, stops[start][-1]))
        wires.append(Wire(start, tuple(stops[start]), min(lane, MOST - 1)))
    return Column(chained, passed, tuple(sorted(wires)))


def _free_lane(taken: list[list[tuple[int, int]]], wire: tuple[int, int]) -> int:
    """The first lane in which nothing overlaps a wire; it is taken then."""
    for lane, others in enumerate(taken):
        at = bisect_left(others, wire)
        if (at == 0 or others[at - 1][1] <= wire[0]) and (at == len(others) or wire[1] <= others[at][0]):
            others.insert(at, wire)
            return lane
    taken.append([wire])
    return len(taken) - 1
