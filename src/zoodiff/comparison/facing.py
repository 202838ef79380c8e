"""Which operators of two networks face each other, top to bottom, in an order in which both networks can run."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence

from zoodiff.alignment.order import depths, in_depth
from zoodiff.alignment.sequence import increasing
from zoodiff.comparison.aligned import Aligned
from zoodiff.reducing.net import Input, Net, Step

Item = Step | Input
Pair = tuple[Item | None, Item | None]
"""What the left network has in a row, and what the right one has, as they were aligned."""


def facing(aligned: Aligned) -> Iterator[Pair]:
    """All operators and inputs of both networks, each once, downwards, in an order in which both can run."""
    left, right = aligned.left, aligned.right
    yield from _in_turn(left.inputs, right.inputs)
    yield from _outside(left.preprocessing, right.preprocessing, aligned)
    for mine, theirs, pair in _segments(aligned):
        yield from _gap(mine, theirs, aligned)
        yield from pair
    yield from _outside(left.head[::-1], right.head[::-1], aligned)


def _in_turn(mine: Sequence[Item], theirs: Sequence[Item]) -> Iterator[Pair]:
    common = min(len(mine), len(theirs))
    yield from zip(mine, theirs, strict=False)
    yield from ((item, None) for item in mine[common:])
    yield from ((None, item) for item in theirs[common:])


def _outside(mine: list[Step], theirs: list[Step], aligned: Aligned) -> Iterator[Pair]:
    """What comes before the first and after the last operator that is compared by its place."""
    if [step.op for step in mine] == [step.op for step in theirs]:
        yield from _in_turn(mine, theirs)
    else:
        yield from _gap(mine, theirs, aligned)


def _segments(aligned: Aligned) -> Iterator[tuple[list[Step], list[Step], list[Pair]]]:
    """Pairs that both networks have in one order, each with what either has before it alone."""
    left, right = aligned.left, aligned.right
    mine = in_depth(left, [(depth,) for depth in depths(left)])
    theirs = _following(right, mine, aligned.pairing.right)
    place = {at: rank for rank, at in enumerate(mine)}
    mates = [
        (rank, place[aligned.pairing.right[at]]) for rank, at in enumerate(theirs) if aligned.pairing.right[at] >= 0
    ]
    a = b = 0
    for second, first in increasing(mates):
        pair: list[Pair] = [(left.steps[mine[first]], right.steps[theirs[second]])]
        yield [left.steps[at] for at in mine[a:first]], [right.steps[at] for at in theirs[b:second]], pair
        a, b = first + 1, second + 1
    yield [left.steps[at] for at in mine[a:]], [right.steps[at] for at in theirs[b:]], []


def _following(net: Net, order: list[int], mate: list[int]) -> list[int]:
    """The steps in the order of their partners as far as the wiring lets; those without one before what reads them."""
    rank = {at: place for place, at in enumerate(order)}
    keys = [rank[other] if other >= 0 else -1 for other in mate]
    for step in reversed(net.steps):
        if mate[step.index] < 0:
            keys[step.index] = min([keys[reader] for reader, _ in step.readers], default=-1)
    for step in net.steps:
        if keys[step.index] < 0:
            keys[step.index] = max([keys[source] for source, _ in step.inputs if source >= 0], default=-1)
    waits = [len({source for source, _ in step.inputs if source >= 0}) for step in net.steps]
    ready = [(keys[at], at) for at, count in enumerate(waits) if not count]
    heapq.heapify(ready)
    found = []
    while ready:
        _, at = heapq.heappop(ready)
        found.append(at)
        for reader in {reader for reader, _ in net.steps[at].readers}:
            waits[reader] -= 1
            if not waits[reader]:
                heapq.heappush(ready, (keys[reader], reader))
    return found


def _gap(mine: Sequence[Step], theirs: Sequence[Step], aligned: Aligned) -> Iterator[Pair]:
    """What either network has alone between two pairs: the left column first, but facing what stands in its place."""
    a = b = 0
    for i, j in [*_replacing(mine, theirs, aligned.causes), (len(mine), len(theirs))]:
        alone: list[list[Pair]] = [[(one, None) for one in mine[a:i]], [(None, other) for other in theirs[b:j]]]
        for pairs in reversed(alone) if aligned.turned else alone:
            yield from pairs
        if i < len(mine):
            yield mine[i], theirs[j]
        a, b = i + 1, j + 1


def _replacing(
    mine: Sequence[Step], theirs: Sequence[Step], causes: dict[Step, list[int]]
) -> Iterator[tuple[int, int]]:
    """Operators without a partner that one difference names on both sides."""
    start = 0
    for i, one in enumerate(mine):
        shared = (j for j in range(start, len(theirs)) if {*causes.get(one, ())} & {*causes.get(theirs[j], ())})
        j = next(shared, None)
        if j is not None:
            yield i, j
            start = j + 1
