"""Align two networks' chains of units (see `zoodiff.alignment.trunk`), and pair the steps of units that are paired."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from typing import Final

import numpy as np

from zoodiff.alignment.anchors import pair_by
from zoodiff.alignment.extend import extend
from zoodiff.alignment.labels import TIERS
from zoodiff.alignment.matching import Matching
from zoodiff.alignment.scoring import AGREEMENT, CELLS, opening, scores, worth
from zoodiff.alignment.sequence import Table, aligned
from zoodiff.alignment.side import Side

_WIRING: Final = 1.0
"""By how much units of the same steps are worth less where these are connected otherwise."""


def pair_chains(matching: Matching) -> None:
    """Align the chains of units, and pair what units that are paired have in common."""
    if matching.over:
        return
    a, b = matching.a.units, matching.b.units
    types: list[list[int]] = [
        [hashes[unit[-1]] for unit in side.units]
        for side, hashes in ((side, side.forward(0, local=True)) for side in (matching.a, matching.b))
    ]
    first, last = _common(*types)
    pairs = [(k, k) for k in range(first)] + [(len(a) - k, len(b) - k) for k in range(1, last + 1)]
    mine, theirs = range(first, len(a) - last), range(first, len(b) - last)
    if mine and theirs and len(mine) * len(theirs) <= CELLS:
        pairs += _units(matching, list(mine), list(theirs), types)
    _inside(matching, pairs)
    for one, other in pairs:
        if len(a[one]) == len(b[other]):
            for side, unit in ((matching.a, a[one]), (matching.b, b[other])):
                for at in unit:
                    side.settled[at] = side.mate[at] >= 0


def _common(a: list[int], b: list[int]) -> tuple[int, int]:
    """How many members two sequences have in common at either end, less a margin in which a gap may find its place."""
    most = min(len(a), len(b))
    first = next((k for k in range(most) if a[k] != b[k]), most)
    last = next((k for k in range(most - first) if a[-1 - k] != b[-1 - k]), most - first)
    margin = 64 + abs(len(a) - len(b))
    return (first, last) if first == len(a) == len(b) else (max(0, first - margin), max(0, last - margin))


def _units(matching: Matching, mine: list[int], theirs: list[int], types: list[list[int]]) -> list[tuple[int, int]]:
    """The pairs of units: those of one step by their steps, those of several by what these have in common."""
    a, b = [matching.a.units[k] for k in mine], [matching.b.units[k] for k in theirs]
    score = scores(matching, [unit[-1] for unit in a], [unit[-1] for unit in b])
    big_a, big_b = [len(unit) > 1 for unit in a], [len(unit) > 1 for unit in b]
    score[np.array(big_a)[:, None] != np.array(big_b)[None, :]] = -np.inf
    if any(big_a) and any(big_b):
        rows, columns = np.flatnonzero(big_a), np.flatnonzero(big_b)
        score[np.ix_(rows, columns)] = _sections(
            matching,
            [a[i] for i in rows], [b[j] for j in columns],
            [types[0][mine[i]] for i in rows], [types[1][theirs[j]] for j in columns],
        )  # fmt: skip
    open_a, open_b = opening(matching.a, [u[0] for u in a]), opening(matching.b, [u[0] for u in b])
    return [(mine[i], theirs[j]) for i, j in aligned(score, open_a, open_b)]


def _sections(
    matching: Matching, a: list[list[int]], b: list[list[int]], types_a: list[int], types_b: list[int]
) -> Table:
    """How alike units of several steps are: the worth of the labels that they share; -inf below the half."""
    first_a, first_b = ({kind: at for at, kind in enumerate(types)} for types in (types_a, types_b))
    columns: dict[tuple[int, Hashable], int] = {}
    rows_a = [_worths(matching.a, a[at], columns) for at in first_a.values()]
    rows_b = [_worths(matching.b, b[at], columns) for at in first_b.values()]
    table_a, table_b = _dense(rows_a, len(columns)), _dense(rows_b, len(columns))
    found = np.stack([np.minimum(row, table_b).sum(1) for row in table_a])
    whole = np.maximum(table_a.sum(1)[:, None], table_b.sum(1)[None, :])
    same = np.array(list(first_a))[:, None] == np.array(list(first_b))[None, :]
    found = np.where(2 * found >= whole, np.where(same, found, found - _WIRING), -np.inf)
    place_a, place_b = ({kind: at for at, kind in enumerate(first)} for first in (first_a, first_b))
    return found[np.ix_([place_a[kind] for kind in types_a], [place_b[kind] for kind in types_b])]


def _worths(side: Side, unit: list[int], columns: dict[tuple[int, Hashable], int]) -> dict[int, float]:
    """What each label in a unit is worth, by its column; new labels get the next ones."""
    found: dict[int, float] = defaultdict(float)
    for at in unit:
        step = side.steps[at]
        for tier, agreed in AGREEMENT:
            found[columns.setdefault((tier, side.labels[tier][at]), len(columns))] += agreed * worth(step)
    return found


def _dense(rows: list[dict[int, float]], width: int) -> Table:
    table: Table = np.zeros((len(rows), width), np.float32)
    for at, row in enumerate(rows):
        table[at, list(row)] = list(row.values())
    return table


def _inside(matching: Matching, pairs: list[tuple[int, int]]) -> None:
    """Pair the steps of units that are paired: the last ones, then by their hashes within the unit."""
    left, right = matching.a, matching.b
    numbers = [[-1] * len(side.units) for side in (left, right)]
    for number, (one, other) in enumerate(pairs):
        numbers[0][one], numbers[1][other] = number, number
        x, y = left.units[one][-1], right.units[other][-1]
        if left.mate[x] < 0 and right.mate[y] < 0 and left.labels[4][x] == right.labels[4][y]:
            matching.pair(x, y)
    for tier in range(TIERS):
        if matching.over:
            return
        keys = [_keys(side, numbers[which], tier) for which, side in enumerate((left, right))]
        pair_by(matching, *keys, twins=True)
        for part in (1, 2):
            pair_by(matching, *([key and (key[0], key[part]) for key in mine] for mine in keys))
        extend(matching, tier)


def _keys(side: Side, numbers: list[int], tier: int) -> list[tuple[int, int, int] | None]:
    """Per step of a unit that is paired, the pair's number and the step's hashes within the unit."""
    hashes = zip(side.home, side.forward(tier, local=True), side.backward(tier, local=True), strict=True)
    return [(numbers[home], f, b) if home >= 0 and numbers[home] >= 0 else None for home, f, b in hashes]
