"""Find which way of preparing images explains what a model scores: variants raced on few images, then on more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from zoodiff.accuracy.statistics import paired_test
from zoodiff.validation.dataset import Indices
from zoodiff.validation.inference import infer
from zoodiff.validation.running import Subject, Tell
from zoodiff.validation.variant import STEPS, Variant, variants

FIRST: Final = 32
"""images on which all variants of a step are tried; twice as many each time, of fewer variants"""
IMAGES: Final = 256
"""images on which the last ones are tried"""
ERROR: Final = 0.05
CLOSE: Final = 0.2
"""p-value against the best above which a variant goes on although it is in the lower half"""
OFFSETS: Final = (0, -1, 1)
"""by how many outputs the first class may be elsewhere: told from the same answers"""


@dataclass(eq=False)
class Tried:
    """A variant and what came of it."""

    variant: Variant
    offset: int = 0
    """how many outputs further than supposed the first class is"""
    tops: list[int] = field(default_factory=list)
    """the first answer to each image so far; -1 where the image is broken"""
    hits: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, bool))
    """for each image so far whether the first answer is right"""
    stated: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, bool))
    """the same with the first class where the model's record has it"""

    @property
    def right(self) -> int:
        """How many first answers are right."""
        return int(self.hits.sum())

    @property
    def changed(self) -> tuple[str, ...]:
        """In what it differs from the start."""
        moved = (f"the first class is output {self.offset:+d}",) if self.offset else ()
        return (*self.variant.changed, *moved)


@dataclass(frozen=True)
class Rival:
    """A variant beside the best, on the images that it has answered: fewer where it was dropped."""

    tried: Tried
    p_value: float
    """McNemar's exact test against the best, times the number of variants that were tried (Bonferroni)"""

    @property
    def alike(self) -> bool:
        """Whether the images do not tell it from the best."""
        return self.p_value > ERROR


@dataclass(frozen=True)
class Search:
    """Which variant explains the model best, and which cannot be told from it."""

    best: Tried
    start: Rival
    """with the first class where it is stated"""
    rivals: tuple[Rival, ...]
    """all others, those that saw most images first, and of these the most right"""
    variants: int
    images: int

    @property
    def found(self) -> bool:
        """Whether another variant than the start (with the first class where it is stated) is better, beyond chance."""
        return not self.start.alike

    @property
    def alike(self) -> tuple[Rival, ...]:
        """The rivals that cannot be told from the best although they saw all images."""
        return tuple(rival for rival in self.rivals if rival.alike and len(rival.tried.hits) == self.images)


def search(subject: Subject, *, images: int = IMAGES, seed: int = 0, tell: Tell | None = None) -> Search:
    """Race the variants on random images of the data, the same for all, one kind of step after the other.

    All variants of a step answer few images; the better half goes on to twice as many, and so on (successive halving:
    Jamieson and Talwalkar 2016, arXiv 1502.07943), with those that are as good as the best by a paired test (racing:
    Maron and Moore 1994) and the one that the step began with. The best of a step is where the next begins. Of all that
    reach the last images and are not told from the one that is right most often (McNemar's exact paired test at 0.05,
    not corrected), the best is the one that changes least: what the images do not show is not changed.
    """
    order = subject.found.order(seed)[:images]
    race = _Race(subject, order, tell)
    base = start = race.entered(Variant(subject.pipeline))
    for step in STEPS:
        base = race.run([race.entered(v) for v in variants(step, base.variant, subject.pipeline, subject.size)])
    race.answer([start], len(order))
    ranked = _ranked(race.all)
    top = ranked[0]
    last = [tried for tried in ranked if len(tried.hits) == len(order)]
    alike = [tried for tried in last if _paired(top.hits, tried.hits) > ERROR]
    best = min(alike, key=lambda tried: (len(tried.changed), -tried.right))
    number = len(race.all) * len(OFFSETS)
    rivals = [Rival(t, min(1.0, number * _paired(best.hits, t.hits))) for t in ranked if t is not best]
    first = Rival(start, min(1.0, number * _paired(best.hits, start.stated)))
    return Search(best, first, tuple(rivals), len(race.all), len(order))


class _Race:
    """Variants, the images that each has answered so far, and the model that answers them."""

    def __init__(self, subject: Subject, order: Indices, tell: Tell | None) -> None:
        self.subject, self.order, self.tell = subject, order, tell
        self.all: list[Tried] = []
        self.labels = subject.targets.labels[order]

    def entered(self, variant: Variant) -> Tried:
        """A variant among those that are tried, once."""
        for tried in self.all:
            if tried.variant.pipeline == variant.pipeline:
                return tried
        self.all.append(Tried(variant))
        return self.all[-1]

    def run(self, group: Sequence[Tried]) -> Tried:
        """Race a group, of which the first is the incumbent, to the last image; returns the best."""
        images, left = min(FIRST, len(self.order)), list(group)
        while True:
            self.answer(left, images)
            ranked = _ranked(left)
            if images == len(self.order):
                return ranked[0]
            half = (len(ranked) + 1) // 2
            left = ranked[:half] + [
                t for t in ranked[half:] if t is group[0] or _paired(ranked[0].hits, t.hits) > CLOSE
            ]
            images = min(2 * images, len(self.order))

    def answer(self, group: Iterable[Tried], images: int) -> None:
        """Let variants answer up to so many images."""
        for tried in group:
            places = self.order[len(tried.tops) : images]
            if not len(places):
                continue
            if self.tell is not None:
                words = ", ".join(tried.variant.changed) or "as stated"
                self.tell(self.all.index(tried), len(self.all), f"{words}: {images} images")
            for answers in infer(self.subject.found, places, tried.variant.pipeline, self.subject.runner):
                tried.tops += [answer.top[0] if answer.top else -1 for answer in answers]
            self._mark(tried)

    def _mark(self, tried: Tried) -> None:
        """Hits with the first class where it is stated, or elsewhere if that is better beyond chance."""
        tops, labels = np.array(tried.tops), self.labels[: len(tried.tops)]
        marked = {at: (tops >= 0) & (tops - self.subject.targets.offset - at == labels) for at in OFFSETS}
        best = max(OFFSETS, key=lambda at: int(marked[at].sum()))
        tried.offset = best if len(OFFSETS) * _paired(marked[best], marked[0]) <= ERROR else 0
        tried.hits, tried.stated = marked[tried.offset], marked[0]


def _ranked(group: Iterable[Tried]) -> list[Tried]:
    """Those that saw most images first; of these most right first; of equals the one that changes least."""
    return sorted(group, key=lambda tried: (-len(tried.hits), -tried.right, len(tried.changed)))


def _paired(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """McNemar's exact test on the images that both have answered."""
    both = min(len(one), len(other))
    first, second = one[:both], other[:both]
    return paired_test(int((first & ~second).sum()), int((second & ~first).sum()))
