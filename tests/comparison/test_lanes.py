"""Lanes: every read row is reached by a line, no two wires overlap in a lane, and what is drawn is what is wired."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from zoodiff.comparison.lanes import MOST, Stroke, column


@st.composite
def wirings(draw: st.DrawFn) -> tuple[list[int], dict[int, list[int]]]:
    """Rows with a cell, some rows without one between them, and what each reads of those above."""
    rows = sorted(draw(st.sets(st.integers(0, 40), min_size=1, max_size=16)))
    reads = {
        row: draw(st.lists(st.sampled_from(rows[:at]), max_size=3, unique=True)) for at, row in enumerate(rows) if at
    }
    return rows, reads


@given(wirings())
def test_every_read_is_drawn_once(wiring: tuple[list[int], dict[int, list[int]]]) -> None:
    rows, reads = wiring
    made = column(rows, reads)
    drawn = [(wire.start, stop) for wire in made.wires for stop in wire.stops]
    drawn += [(rows[rows.index(row) - 1], row) for row in made.chained]
    assert sorted(drawn) == sorted((source, row) for row, sources in reads.items() for source in sources)
    assert len({wire.start for wire in made.wires}) == len(made.wires)


@given(wirings())
def test_no_two_wires_overlap_in_a_lane_of_their_own(wiring: tuple[list[int], dict[int, list[int]]]) -> None:
    for one, other in combinations(column(*wiring).wires, 2):
        if one.lane == other.lane < MOST - 1:
            assert one.stops[-1] <= other.start or other.stops[-1] <= one.start


@given(wirings(), st.integers(0, 40), st.integers(1, 10))
def test_strokes_say_what_passes_a_span(
    wiring: tuple[list[int], dict[int, list[int]]], start: int, length: int
) -> None:
    made, stop = column(*wiring), start + length
    for lane in range(made.lanes):
        wires = [w for w in made.wires if w.lane == lane]
        above = [w for w in wires if w.start < start <= w.stops[-1]]
        below = [w for w in wires if w.start < stop <= w.stops[-1]]
        found = [stroke for stroke in made.strokes(start, stop) if stroke.lane == lane]
        assert len(found) == bool(above or below)
        for stroke in found:
            ends = {row for w in {*above, *below} for row in (w.start, *w.stops)}
            assert stroke == (lane, bool(above), bool(below), bool(ends & {*range(start, stop)}))


def test_a_residual_block_takes_one_lane_and_a_nested_one_lies_inside() -> None:
    made = column(range(7), {1: [0], 2: [1], 3: [2], 4: [3, 1], 5: [4], 6: [5, 0]})
    assert made.chained == {1, 2, 3, 4, 5, 6}
    assert [(wire.start, wire.stops, wire.lane) for wire in made.wires] == [(0, (6,), 1), (1, (4,), 0)]
    assert made.strokes(0, 1) == [Stroke(1, above=False, below=True, joined=True)]
    assert made.strokes(1, 5) == [Stroke(1, above=True, below=True, joined=False)]  # the inner one is folded away
    assert made.strokes(6, 7) == [Stroke(1, above=True, below=False, joined=True)]


def test_what_needs_more_lanes_than_there_are_goes_together() -> None:
    many = 3 * MOST
    made = column(range(many + 1), {many: list(range(many))})
    assert made.lanes == MOST
    assert len(made.wires) == many - 1
