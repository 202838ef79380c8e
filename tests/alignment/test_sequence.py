"""Sequences: the alignment is the best there is, as trying all of them shows."""

from __future__ import annotations

from functools import cache

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from zoodiff.alignment.sequence import EXTEND, aligned, increasing


def test_the_sequence_alignment_prefers_one_gap_to_two() -> None:
    """Four equal members against two: the gap is in one piece, and where it is cheaper to open."""
    score, plain = np.full((4, 2), 5, np.float32), np.full(2, 6, np.float32)
    at_block = np.array([6, 6, 3, 6], np.float32)
    assert aligned(score, at_block, plain) == [(0, 0), (1, 1)]
    assert aligned(score, at_block[[2, 0, 1, 3]], plain) == [(2, 0), (3, 1)]
    forbidden = np.full((2, 2), -np.inf, np.float32)
    assert aligned(forbidden, plain, plain) == []


def worth(pairs: list[tuple[int, int]], score: np.ndarray, open_a: np.ndarray, open_b: np.ndarray) -> float:
    """The score of an alignment: its pairs', less what its gaps cost."""
    total, before = 0.0, (-1, -1)
    for pair in [*pairs, score.shape]:
        both = all(gap - last > 1 for gap, last in zip(pair, before, strict=True))
        for gap, last, opening, price in zip(pair, before, (open_a, open_b), (1, 0.5 if both else 1), strict=True):
            if gap - last > 1:
                total -= price * float(opening[last + 1]) + EXTEND * (gap - last - 2)
        if pair != score.shape:
            total += float(score[pair])
        before = pair
    return total


def best(score: np.ndarray, open_a: np.ndarray, open_b: np.ndarray) -> float:
    """The highest score of all alignments, each of which is tried."""
    n, m = score.shape

    @cache
    def every(i: int, j: int) -> list[list[tuple[int, int]]]:
        rest = [[]]
        for a in range(i, n):
            for b in range(j, m):
                rest += [[(a, b), *tail] for tail in every(a + 1, b + 1)]
        return rest

    return max(worth(pairs, score, open_a, open_b) for pairs in every(0, 0))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 4), st.integers(1, 4), st.randoms(use_true_random=False))
def test_no_alignment_is_better(n: int, m: int, chance: object) -> None:
    draw = chance.random  # type: ignore[attr-defined]
    score = np.array([[draw() * 12 for _ in range(m)] for _ in range(n)], np.float32)
    open_a, open_b = (np.array([2 + 4 * draw() for _ in range(k)], np.float32) for k in (n, m))
    found = worth(aligned(score, open_a, open_b), score, open_a, open_b)
    assert abs(found - best(score, open_a, open_b)) < 1e-3


@given(st.lists(st.integers(0, 50), unique=True, max_size=12))
def test_the_longest_increasing_run(ranks: list[int]) -> None:
    chain = [rank for _, rank in increasing(list(enumerate(ranks)))]
    assert chain == sorted(chain)
    lengths: list[int] = []
    for at, rank in enumerate(ranks):
        lengths.append(1 + max((lengths[k] for k in range(at) if ranks[k] < rank), default=0))
    assert len(chain) == max(lengths, default=0)
