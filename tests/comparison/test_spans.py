"""Spans hold every row once; what is alike, what repeats and what one side alone has is folded, and no first place."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from zoodiff.comparison.difference import Difference
from zoodiff.comparison.rows import ADDED, CHANGED, MISSING, Row
from zoodiff.comparison.sidebyside import lay
from zoodiff.comparison.spans import Span, fold


def rows(marks: str) -> list[Row]:
    """Rows of these marks; all that differ are of difference 1."""
    return [
        Row(None, None, mark, (1,) * (mark in (CHANGED, MISSING, ADDED)), (), (), False, False, False) for mark in marks
    ]


def told(spans: Iterable[Span]) -> list[str]:
    """Each span as its mark and, where it is folded, how many rows it stands for."""
    return [f"{span.mark}{span.stop - span.start}" if span.folded else span.mark for span in spans]


@pytest.mark.parametrize(
    ("marks", "spans"),
    [
        ("=" * 9, ["=9"]),
        ("===", ["=", "=", "="]),
        ("=" * 9 + "~" + "=" * 5, ["=8", "=", "~", "=", "=4"]),
        ("~" + "=" * 4 + "~", ["~", "=", "=", "=", "=", "~"]),
        ("~" + "=" * 6 + "~", ["~", "=", "=4", "=", "~"]),
        ("-" * 8, ["-"] * 8),
        ("-" * 9, ["-9"]),
        ("+" * 9, ["+9"]),
        ("^" * 9, ["^"] * 9),
        ("~" * 9, ["~"] * 9),
        ("", []),
    ],
)
def test_long_runs_fold_but_for_the_rows_next_to_a_change(marks: str, spans: list[str]) -> None:
    assert told(fold(rows(marks))) == spans


def test_the_seventh_place_of_one_difference_folds() -> None:
    """Of eight places the first six stay, with a row beside; the rest is one fold of what is not all alike."""
    assert told(fold(rows("~=" * 8))) == ["~", "="] * 6 + ["~4"]


def test_spans_hold_every_row_once_and_hide_no_first_place(pair: tuple[Difference, Difference]) -> None:
    for difference in pair:
        picture = lay(difference)
        assert [at for span in picture.spans for at in range(span.start, span.stop)] == list(range(len(picture.rows)))
        single = {span.start for span in picture.spans if not span.folded}
        for number, cause in enumerate(difference.differences, start=1):
            first = picture.places(number)[0]
            assert cause.group == "detail" or first in single or picture.rows[first].mark in (MISSING, ADDED)
