"""Slide what only one network has to where a block starts, where the same steps before and after it allow that."""

from __future__ import annotations

from zoodiff.alignment.side import Side


def slide(side: Side, other: Side) -> None:
    """Let what only one side has start where a block starts, where the same steps before and after allow it."""
    order, mate = side.order, side.mate
    start = 0
    while start < len(order):
        if mate[order[start]] >= 0:
            start += 1
            continue
        end = start
        while end < len(order) and mate[order[end]] < 0:
            end += 1
        shift = _shift(side, start, end)
        for place in range(start, start + shift):
            _swap(side, other, order[place + end - start], order[place])
        for place in range(end - 1, end - 1 + shift, -1):
            _swap(side, other, order[place - (end - start)], order[place])
        start = end + max(shift, 0)


def _swap(side: Side, other: Side, paired: int, free: int) -> None:
    """Give the partner of one step to another that is like it."""
    side.mate[free], side.mate[paired] = side.mate[paired], -1
    other.mate[side.mate[free]] = free


def _shift(side: Side, start: int, end: int) -> int:
    """By how many steps the run can move to start at a block, down or (negative) up; 0 where it cannot, or does."""
    order, starts, long = side.order, side.starts, end - start
    for shift in range(1, long):
        if not _alike(side, start + shift - 1, end + shift - 1):
            break
        if starts[order[start + shift]] > starts[order[start]]:
            return shift
    for shift in range(1, long):
        if not _alike(side, end - shift, start - shift):
            break
        if starts[order[start - shift]] > starts[order[start]]:
            return -shift
    return 0


def _alike(side: Side, free: int, paired: int) -> bool:
    """Whether the step at one place of the order is like a paired one at another."""
    if not 0 <= paired < len(side.order) or side.mate[side.order[paired]] < 0 or side.settled[side.order[paired]]:
        return False
    return side.labels[1][side.order[free]] == side.labels[1][side.order[paired]]
