"""Align two sequences: the best order-keeping pairs, by dynamic programming with affine gaps.

Gotoh 1982, "An improved algorithm for matching biological sequences", https://doi.org/10.1016/0022-2836(82)90398-9.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import Any, Final

import numpy as np

Table = np.ndarray[Any, Any]

EXTEND: Final = 0.1
"""What each further member of a gap costs."""


def aligned(score: Table, open_a: Table, open_b: Table) -> list[tuple[int, int]]:
    """Pairs of the best order-keeping alignment with affine gaps, row by row; -inf in `score` forbids a pair.

    `open_a` and `open_b`: what a gap costs that begins at each member of either sequence. Where one gap follows upon
    another, as something was replaced, the second opens at half the price.
    """
    n, m = score.shape
    best: Table = np.zeros(m + 1, np.float32)
    best[1:] = -open_b[0] - EXTEND * np.arange(m, dtype=np.float32)
    vertical: Table = np.full(m + 1, -np.inf, np.float32)
    # 0 diagonal, 1 up, 2 left; 4 and 8: that gap goes on; 16: a gap to the right of here follows upon one above
    steps = np.zeros((n + 1, m + 1), np.uint8)
    steps[0, 1:] = 2
    place = np.arange(m + 1, dtype=np.float32) * EXTEND
    for i in range(1, n + 1):
        open_up, go_on = best - open_a[i - 1], vertical - EXTEND
        vertical = np.maximum(open_up, go_on)
        steps[i] |= np.where(go_on > open_up, 4, 0).astype(np.uint8)
        diagonal = np.full(m + 1, -np.inf, np.float32)
        diagonal[1:] = best[:-1] + score[i - 1]
        current = np.maximum(diagonal, vertical)
        steps[i] |= np.where(vertical > diagonal, 1, 0).astype(np.uint8)
        replaced = vertical[:-1] - open_b / 2
        opened = diagonal[:-1] - open_b
        steps[i, :-1] |= np.where(replaced > opened, 16, 0).astype(np.uint8)
        opened = np.maximum(opened, replaced) + place[:-1]
        reach = np.maximum.accumulate(opened)
        sideways = np.full(m + 1, -np.inf, np.float32)
        sideways[1:] = reach - place[:-1]
        wins = sideways > current
        steps[i] = np.where(wins, (steps[i] & 20) | 2, steps[i])
        steps[i, 1:] |= np.where(reach > opened, 8, 0).astype(np.uint8)
        best = np.maximum(current, sideways)
    return _trace(steps)


def _trace(steps: Table) -> list[tuple[int, int]]:
    i, j = steps.shape[0] - 1, steps.shape[1] - 1
    pairs, forced = [], -1
    while i > 0 or j > 0:
        move = forced if forced >= 0 else int(steps[i, j]) & 3
        forced = -1
        if not i or not j:
            move = 1 if i else 2
        if move == 0:
            pairs.append((i - 1, j - 1))
            i, j = i - 1, j - 1
        elif move == 1:
            while steps[i, j] & 4 and i > 1:  # the gap goes on upward
                i -= 1
            i -= 1
        else:
            while steps[i, j] & 8 and j > 1:  # and to the left
                j -= 1
            j -= 1
            forced = 1 if steps[i, j] & 16 else 0
    return pairs[::-1]


def increasing(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest run of pairs whose second members increase (patience sorting)."""
    tails: list[int] = []
    holders: list[int] = []
    back: list[int] = []
    for at, (_, rank) in enumerate(pairs):
        place = bisect_left(tails, rank)
        back.append(holders[place - 1] if place else -1)
        if place == len(tails):
            tails.append(rank)
            holders.append(at)
        else:
            tails[place], holders[place] = rank, at
    chain = []
    at = holders[-1] if holders else -1
    while at >= 0:
        chain.append(pairs[at])
        at = back[at]
    return chain[::-1]
