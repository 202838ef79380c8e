"""Choose among steps that are alike to the very ends of their networks, so that what hangs on a choice follows it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Final

from zoodiff.alignment.labels import TIERS
from zoodiff.alignment.matching import Matching
from zoodiff.alignment.side import Side

_CHOICE: Final = 64
"""Most steps that are looked at for the likest, where many are alike to the very ends."""


def any_with_any(matching: Matching, several: list[tuple[list[int], list[int]]]) -> None:
    """Pair steps that are alike to the very ends, by class: as their neighbours are paired, else any with any.

    What hangs on a choice follows it: of two branches that are alike, all steps go with one branch of the others.
    """
    classes = [
        {at: number for number, members in enumerate(side) for at in members}
        for side in ([mine for mine, _ in several], [theirs for _, theirs in several])
    ]
    steps, mate, taken = matching.a.steps, matching.a.mate, matching.b.mate
    near = {at for a in classes[0] for at, _ in (*steps[a].inputs, *steps[a].readers) if at >= 0 and mate[at] >= 0}
    _spread(matching, sorted(near), *classes)
    for mine, theirs in several:
        rest, near_by = iter(theirs), list[int]()
        for a in mine:
            if mate[a] < 0:
                near_by = [b for b in near_by if taken[b] < 0]
                free = (b for b in rest if taken[b] < 0)
                near_by += islice(free, _CHOICE - len(near_by))
                matching.pair(a, _likest(matching, a, near_by))
                _spread(matching, [a], *classes)


def _likest(matching: Matching, a: int, among: Iterable[int]) -> int:
    """The first of some steps that no other is more like a step than, nor more agreed upon by its neighbours."""
    step = matching.a.steps[a]
    settled = [at for at, _ in (*step.inputs, *step.readers) if at < 0 or matching.a.mate[at] >= 0]
    most, best, found = (TIERS + 2, len(settled)), (-1, -1), -1
    for b in among:
        score = matching.alike(a, b), matching.agreement(a, b)
        if score > best:
            best, found = score, b
        if score == most:
            break
    return found


def _spread(matching: Matching, waiting: list[int], classes_a: dict[int, int], classes_b: dict[int, int]) -> None:
    """From pairs on, pair neighbours that are the only ones of their class on either side."""
    while waiting:
        a = waiting.pop()
        left, right = matching.a.steps[a], matching.b.steps[matching.a.mate[a]]
        for near_a, near_b in ((left.inputs, right.inputs), (left.readers, right.readers)):
            mine, theirs = _by_class(matching.a, near_a, classes_a), _by_class(matching.b, near_b, classes_b)
            for number, members in mine.items():
                others = theirs.get(number, [])
                if len(members) == len(others) == 1:
                    matching.pair(members[0], others[0])
                    waiting.append(members[0])


def _by_class(side: Side, near: Iterable[tuple[int, int]], classes: dict[int, int]) -> dict[int, list[int]]:
    """Those of some steps that have a class and no partner, by class."""
    found: dict[int, list[int]] = {}
    for at in dict.fromkeys(at for at, _ in near if at in classes and side.mate[at] < 0):
        found.setdefault(classes[at], []).append(at)
    return found
