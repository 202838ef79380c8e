"""Keep two compared networks step by step, each with the numbers of its differences: what pictures are drawn from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from zoodiff.alignment.align import Pairing
from zoodiff.attribution.root import Root
from zoodiff.reducing.net import Net, Step


@dataclass(frozen=True, slots=True, eq=False)
class Aligned:
    """The two networks step by step, each at its own input: what pictures of a difference are drawn from."""

    left: Net
    right: Net
    pairing: Pairing
    causes: dict[Step, list[int]]
    """the differences that a step is part of, by their number, which counts from 1"""
    follows: dict[Step, list[int]]
    """the differences that make a step's cost another as a consequence"""
    turned: bool = False
    """whether `left` and `right` were compared the other way round"""


def mark(left: Net, moved: Net, right: Net, pairing: Pairing, groups: list[list[Root]]) -> Aligned:
    """The steps with their differences' numbers, the left ones as they were before they moved to the other's input."""
    same = len(left.every) == len(moved.every)
    before = dict(zip(moved.every, left.every, strict=True)) if same else {}
    shown = left if same else moved
    known = {*shown.every, *right.every}
    causes: dict[Step, list[int]] = {}
    follows: dict[Step, list[int]] = {}

    def note(where: dict[Step, list[int]], number: int, steps: Iterable[Step]) -> None:
        for step in dict.fromkeys(before.get(step, step) for step in steps):
            if step in known and number not in where.setdefault(step, []):
                where[step].append(number)

    for number, group in enumerate(groups, start=1):
        for root in group:
            note(causes, number, root.mine + root.theirs + root.companions)
            note(follows, number, [step for rows in root.effects.values() for step, _, _ in rows])
    return Aligned(shown, right, pairing, causes, follows)
