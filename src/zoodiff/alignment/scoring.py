"""Score an alignment of steps in order: what a pair is worth, and what a gap costs."""

from __future__ import annotations

from typing import Final

import numpy as np

from zoodiff.alignment.matching import Matching
from zoodiff.alignment.sequence import Table
from zoodiff.alignment.side import Side
from zoodiff.reducing.net import Step

CELLS: Final = 20_000_000
"""Largest table of one alignment between anchors."""
AGREEMENT: Final = ((4, 1.0), (3, 2.0), (2, 2.0), (1, 1.0), (0, 2.0))
"""What labels that agree are worth, by tier."""

_WORTH: Final = {"convolution": 3.0, "dense": 3.0, "product": 2.0, "normalization": 1.5}
_OPEN: Final = 6.0
_AT_BLOCK: Final = 2.0
"""By how much a gap is cheaper to open where a block starts."""


def scores(matching: Matching, mine: list[int], theirs: list[int]) -> Table:
    """How alike steps are: the worth of the labels that agree; -inf where they are of another kind."""
    left, right = matching.a, matching.b
    score = np.zeros((len(mine), len(theirs)), np.float32)
    for tier, agreed in AGREEMENT:
        a = np.array([left.labels[tier][at] for at in mine])
        b = np.array([right.labels[tier][at] for at in theirs])
        score += agreed * (a[:, None] == b[None, :])
    for agreed, what in ((1.0, "channels"), (1.0, "size")):
        a = np.array([hash(getattr(left.steps[at], what)) for at in mine])
        b = np.array([hash(getattr(right.steps[at], what)) for at in theirs])
        score += np.where(score > 0, agreed * (a[:, None] == b[None, :]), 0)
    weights = np.array([worth(left.steps[at]) for at in mine], np.float32)
    return np.where(score > 0, score * weights[:, None], -np.inf)


def worth(step: Step) -> float:
    """How much the labels of a step count: what is costly to compute is not left unpaired lightly."""
    return _WORTH.get(step.kind, 1.0)


def opening(side: Side, steps: list[int]) -> Table:
    """What a gap costs that begins at each step."""
    return np.array([_OPEN - _AT_BLOCK * side.starts[at] for at in steps], np.float32)
