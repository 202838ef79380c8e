"""Repair a matching: like steps change partners where more neighbours agree then, and pairs without support part."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from zoodiff.alignment.matching import Matching
from zoodiff.alignment.side import Side

_ROUNDS: Final = 8
"""Most rounds in which pairs change partners."""


def repair(matching: Matching) -> None:
    """Let pairs change partners for the better, round after round, until none does."""
    for _ in range(_ROUNDS):
        if not _change(matching, 3, 2) and not _change(matching, 2, 3):
            break


def part(matching: Matching) -> None:
    """Part the pairs that nothing supports: another operator, and no neighbour that agrees."""
    left, right = matching.a, matching.b
    for a, b in enumerate(left.mate):
        if b < 0 or left.labels[2][a] == right.labels[2][b]:
            continue
        if not matching.agreement(a, b):
            left.mate[a] = right.mate[b] = -1


def _change(matching: Matching, above: int, below: int) -> bool:
    """Let like steps change partners where more neighbours agree then; True where some did.

    What is above and what is below count differently, and the heavier side is gone through first: so a chain of
    like steps follows its beginning, or its end, step by step. A step without a partner may take another's.
    """
    better = _exchange(matching, above, below)
    better |= _take(matching.a, matching.b, above, below)
    return _take(matching.b, matching.a, above, below) or better


def _exchange(matching: Matching, above: int, below: int) -> bool:
    """Let two pairs exchange partners; True where some did."""
    left, right, better = matching.a, matching.b, False
    mate = left.mate
    for a in _turn(left, above > below):
        b, step = mate[a], left.steps[a]
        if b < 0 or left.settled[a] or matching.agreement(a, b) == len(step.inputs) + len(step.readers):
            continue
        for other in _near_partners(left, right, a):
            now = mate[a]
            rival = right.mate[other]
            if other == now or rival < 0 or right.settled[other] or right.labels[1][now] != right.labels[1][other]:
                continue
            gain = 0
            for sign, one, two in ((1, a, other), (1, rival, now), (-1, a, now), (-1, rival, other)):
                up, down = left.agreeing(right, one, two)
                gain += sign * (above * up + below * down)
            if gain > 0:
                matching.pair(a, other)
                matching.pair(rival, now)
                better = True
    return better


def _take(side: Side, other: Side, above: int, below: int) -> bool:
    """Let steps without a partner take one from another step that is like them; True where some did."""
    better, labels = False, side.labels[1]
    for free in _turn(side, above > below):
        for partner in _near_partners(side, other, free) if side.mate[free] < 0 else ():
            owner = other.mate[partner]
            if (
                owner < 0
                or side.settled[owner]
                or labels[owner] != labels[free]
                or side.steps[owner].channels != side.steps[free].channels
            ):
                continue
            up, down = side.agreeing(other, free, partner)
            old_up, old_down = side.agreeing(other, owner, partner)
            if above * (up - old_up) + below * (down - old_down) > 0:
                side.mate[owner], side.mate[free], other.mate[partner] = -1, partner, free
                better = True
                break
    return better


def _turn(side: Side, down: bool) -> Iterable[int]:
    """A network's steps from its beginning, or from its end."""
    return range(len(side.steps)) if down else range(len(side.steps) - 1, -1, -1)


def _near_partners(side: Side, other: Side, at: int) -> list[int]:
    """The other network's steps that stand to the partners of a step's neighbours as it stands to these."""
    mate, step = side.mate, side.steps[at]
    above = [mate[s] for s, _ in step.inputs if s >= 0 and mate[s] >= 0]
    below = [mate[r] for r, _ in step.readers if mate[r] >= 0]
    found = [r for b in above for r, _ in other.steps[b].readers]
    return list(dict.fromkeys(found + [s for b in below for s, _ in other.steps[b].inputs if s >= 0]))
