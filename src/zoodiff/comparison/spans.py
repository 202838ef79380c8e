"""Which rows of two networks side by side are folded into one, and which stay in sight."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final, NamedTuple

from zoodiff.comparison.rows import ALIKE, CHANGED, SIDES, Row

_NEAR: Final = 1
"""Rows shown above and below a change."""
_FEWEST: Final = 4
"""Alike rows that are worth a fold."""
_LONGEST: Final = 8
"""Rows that only one network has and that are all shown."""
_OFTEN: Final = 6
"""Places at which one difference is shown before further ones fold."""


class Span(NamedTuple):
    """Rows from `start` to before `stop`: one row, or several folded into one."""

    start: int
    stop: int
    mark: str

    @property
    def folded(self) -> bool:
        """Whether it stands for several rows."""
        return self.stop - self.start > 1


def fold(rows: Sequence[Row]) -> Iterator[Span]:
    """The rows as spans.

    Long runs fold of rows that say nothing new, but for those next to a change, and of rows that one side alone has.
    """
    start = 0
    new = list(_news(rows))
    for known, run in groupby(range(len(rows)), key=lambda at: (rows[at].mark, rows[at].causes) if new[at] else None):
        stop = start + len(list(run))
        yield from _alike(rows, start, stop) if known is None else _only(rows, start, stop)
        start = stop


def _news(rows: Sequence[Row]) -> Iterator[bool]:
    """Of each row, whether it has a mark whose differences were not all seen at enough places above."""
    seen = Counter[int]()
    for at, row in enumerate(rows):
        seen.update({*row.causes} - {*rows[at - 1].causes} if at else row.causes)
        yield row.mark != ALIKE and (not row.causes or any(seen[number] <= _OFTEN for number in row.causes))


def _alike(rows: Sequence[Row], start: int, stop: int) -> Iterator[Span]:
    first, last = start + _NEAR * (start > 0), stop - _NEAR * (stop < len(rows))
    if last - first < _FEWEST:
        yield from _single(rows, start, stop)
        return
    yield from _single(rows, start, first)
    same = all(row.mark == ALIKE for row in rows[first:last])
    yield Span(first, last, ALIKE if same else CHANGED)
    yield from _single(rows, last, stop)


def _only(rows: Sequence[Row], start: int, stop: int) -> Iterator[Span]:
    if stop - start > _LONGEST and rows[start].mark in SIDES:
        yield Span(start, stop, rows[start].mark)
    else:
        yield from _single(rows, start, stop)


def _single(rows: Sequence[Row], start: int, stop: int) -> Iterator[Span]:
    return (Span(at, at + 1, rows[at].mark) for at in range(start, stop))
