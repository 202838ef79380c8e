"""Lay two compared networks side by side: rows of facing operators, marked with their causes, equal runs folded.

Which operators face each other is found first (`facing`), then each is told (`cells`), and each row marked (`rows`).
Long runs fold (`spans`), and what is read is drawn beside them (`lanes`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zoodiff.comparison.difference import Difference
from zoodiff.comparison.facing import Item, facing
from zoodiff.comparison.lanes import Column, column
from zoodiff.comparison.rows import ALIKE, SIDES, Row, block_firsts, row_of
from zoodiff.comparison.spans import Span, fold
from zoodiff.reducing.net import Net


@dataclass(frozen=True, slots=True)
class Picture:
    """All that a view draws of a difference."""

    rows: tuple[Row, ...]
    spans: tuple[Span, ...]
    left: Column
    right: Column

    def words(self, span: Span) -> str:
        """What a folded span stands for, as "12 operators, 3 blocks alike"."""
        rows = self.rows[span.start : span.stop]
        operators, blocks = sum(not row.entry for row in rows), sum(row.block for row in rows)
        what = f"{operators} operators" + (f", {blocks} block{'s' * (blocks > 1)}" if blocks else "")
        if span.mark in SIDES:
            return f"{what} only {SIDES[span.mark]}"
        marked = sum(row.mark != ALIKE for row in rows)
        if marked:
            return f"{what}; {marked} of them as above"
        sizes = " at other sizes" if any(row.resized for row in rows) else ""
        details = sorted({number for row in rows for number in row.details})
        return f"{what} alike{sizes}" + (f" but for {', '.join(f'#{number}' for number in details)}" if details else "")

    def causes(self, span: Span) -> list[int]:
        """The numbers of the differences that mark rows of a span."""
        return sorted({number for row in self.rows[span.start : span.stop] for number in row.causes})

    def places(self, number: int) -> list[int]:
        """The first row of each run of rows that are part of a difference."""
        found = [at for at, row in enumerate(self.rows) if number in row.causes + row.details]
        return [at for at, before in zip(found, [-2, *found], strict=False) if at != before + 1]


def lay(difference: Difference) -> Picture:
    """Two networks side by side, in an order in which both can run; `lay` of the reverse shows the same turned round.

    Each operator stands in one row. Pairs face each other unless the two networks have them in another order; then each
    stands alone. Facing, too, are the operators that one difference has in one another's place.
    """
    aligned = difference.alignment
    pairs = list(facing(aligned))
    sides = (1, 0) if aligned.turned else (0, 1)
    items = [(pair[sides[0]], pair[sides[1]]) for pair in pairs]
    nets = (aligned.right, aligned.left) if aligned.turned else (aligned.left, aligned.right)
    begins = {*block_firsts(nets[0], [a for a, _ in items]), *block_firsts(nets[1], [b for _, b in items])}
    rows = tuple(row_of(a, b, difference, begins) for a, b in items)
    lines = [_column(net, [pair[side] for pair in items]) for side, net in enumerate(nets)]
    return Picture(rows, tuple(fold(rows)), *lines)


def _column(net: Net, items: Sequence[Item | None]) -> Column:
    """The lines of one network's column."""
    place = {item: row for row, item in enumerate(items) if item is not None}
    steps = [*net.steps, *net.head]
    above = {-1 - at: place[given] for at, given in enumerate(net.inputs)}
    above |= {step.inputs[0][0]: place[step] for step in net.preprocessing}  # how these read each other is not known
    above |= {step.index: place[step] for step in steps}
    return column(sorted(place.values()), {place[step]: [above[s] for s, _ in step.inputs] for step in steps})
