"""Extend a matching from its pairs to their neighbours, where there is one candidate on either side and it fits."""

from __future__ import annotations

from zoodiff.alignment.matching import Matching
from zoodiff.alignment.side import Side
from zoodiff.reducing.net import COMMUTATIVE


def extend(matching: Matching, tier: int, *, one_end: bool = False) -> None:
    """Extend the pairing to the neighbours of pairs, where there is one candidate each and it fits.

    With `one_end` a pair may be contradicted on its other side, where something was put in or taken out.
    """
    waiting = _rim(matching)
    while waiting:
        a = waiting.pop()
        left, right = matching.a.steps[a], matching.b.steps[matching.a.mate[a]]
        readers = [r for r, _ in left.readers], [r for r, _ in right.readers]
        waiting += _among(matching, *readers, tier, one_end)
        if left.op == right.op not in COMMUTATIVE and len(left.inputs) == len(right.inputs) > 1:
            # queries and keys: alike but for place
            for (s, _), (t, _) in zip(left.inputs, right.inputs, strict=True):
                waiting += _among(matching, [s], [t], tier, one_end) if s >= 0 and t >= 0 else []
        sources = [s for s, _ in left.inputs if s >= 0], [s for s, _ in right.inputs if s >= 0]
        waiting += _among(matching, *sources, tier, one_end)


def _rim(matching: Matching) -> list[int]:
    """The paired steps of the left network beside those without a partner; none where the right has all paired."""
    if matching.over:
        return []
    mate = matching.a.mate
    near = (
        other
        for step in matching.a.steps
        if mate[step.index] < 0
        for other, _ in (*step.inputs, *step.readers)
        if other >= 0
    )
    return sorted({at for at in near if mate[at] >= 0})


def _among(matching: Matching, near_a: list[int], near_b: list[int], tier: int, one_end: bool) -> list[int]:
    """Pair the steps near a pair that have one label, where they are one on either side; the left ones of these."""
    mine = _candidates(matching.a, near_a, tier)
    theirs = _candidates(matching.b, near_b, tier) if mine else {}
    grown = []
    for key, steps in mine.items():
        others = theirs.get(key, [])
        if len(steps) != len(others) or not _twins(matching.a, steps) or not _twins(matching.b, others):
            continue
        if _fits(matching, steps[0], others[0], tier, one_end):
            for one, other in zip(steps, others, strict=True):
                matching.pair(one, other)
            grown += steps
    return grown


def _candidates(side: Side, near: list[int], tier: int) -> dict[int, list[int]]:
    """Those of some steps that have no partner, by their labels."""
    found: dict[int, list[int]] = {}
    for at in dict.fromkeys(near):
        if side.mate[at] < 0:
            found.setdefault(side.labels[tier][at], []).append(at)
    return found


def _twins(side: Side, steps: list[int]) -> bool:
    """Whether steps read the same and are read by the same: then any is as good as another."""
    first = side.steps[steps[0]]
    readers = sorted(first.readers)
    others = [side.steps[at] for at in steps[1:]]
    return all(step.inputs == first.inputs and sorted(step.readers) == readers for step in others)


def _fits(matching: Matching, a: int, b: int, tier: int, one_end: bool) -> bool:
    """Whether nothing that is paired already speaks against a pair; loose tiers need both ends to agree."""
    mate, left, right = matching.a.mate, matching.a.steps[a], matching.b.steps[b]
    above, below = {s for s, _ in right.inputs}, {r for r, _ in right.readers}
    up = [mate[s] if s >= 0 else s for s, _ in left.inputs if s < 0 or mate[s] >= 0]
    down = [mate[r] for r, _ in left.readers if mate[r] >= 0]
    agree_up, agree_down = sum(m in above for m in up), sum(m in below for m in down)
    if not left.readers and not right.readers and a in matching.a.outputs and b in matching.b.outputs:
        agree_down = 1  # both end where the network ends
    whole_up, whole_down = agree_up == len(up), agree_down >= len(down)
    if one_end:
        return (whole_up and agree_up > 0) or (whole_down and agree_down > 0)
    if not (whole_up and whole_down):
        return False
    return tier < 4 or (agree_up > 0 and agree_down > 0)
