"""Two networks on the same images: how often they agree, which is right more often, and on which classes they part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zoodiff.accuracy.classes import CLASSES, NONE
from zoodiff.accuracy.predictions import Predictions
from zoodiff.accuracy.statistics import paired_test
from zoodiff.fault import Refusal


@dataclass(frozen=True)
class ClassGap:
    """How many images of one class each of two networks gets right."""

    number: int
    """the class, 0 to 999"""
    images: int
    first: int
    second: int

    @property
    def gain(self) -> int:
        """How many more the second gets right."""
        return self.second - self.first


@dataclass(frozen=True)
class Paired:
    """Two networks' answers to the same images, in exact counts."""

    source: str
    """where the second network's predictions come from"""
    both: int
    first_only: int
    second_only: int
    neither: int
    same_answer: int
    """images to which both give the same first answer, right or wrong"""
    p_value: float
    """McNemar's exact test of both being right equally often"""
    classes: tuple[ClassGap, ...]
    """classes of which they get different numbers right, the second's greatest gains first"""
    unpaired: int = 0
    """images that only one of them answered"""

    @property
    def images(self) -> int:
        """How many images both answered."""
        return self.both + self.first_only + self.second_only + self.neither


def paired(first: Predictions, second: Predictions, k: int) -> Paired:
    """Compare two networks image by image, right meaning among the best k.

    Images are paired by name where both name them, else by row. An image with several acceptable classes counts for
    each of them among the classes. Raises Refusal where the images or their labels are not the same.
    """
    one, other = _same(first, second)
    a, b = one.hits(k), other.hits(k)
    first_only, second_only = int((a & ~b).sum()), int((~a & b).sum())
    return Paired(
        source=second.source,
        both=int((a & b).sum()),
        first_only=first_only,
        second_only=second_only,
        neither=int((~a & ~b).sum()),
        same_answer=int((one.top[:, 0] == other.top[:, 0]).sum()),
        p_value=paired_test(first_only, second_only),
        classes=_classes(one.labels, a, b),
        unpaired=len(first) + len(second) - 2 * len(one),
    )


def _same(first: Predictions, second: Predictions) -> tuple[Predictions, Predictions]:
    """Both, with the images that both have, in one order."""
    if first.images is not None and second.images is not None:
        place = {name: row for row, name in enumerate(second.images)}
        rows = [(row, place[name]) for row, name in enumerate(first.images) if name in place]
        if not rows:
            raise Refusal(
                f"{first.source} and {second.source} have no image in common",
                f"They name their images {first.images[0]!r} and {second.images[0]!r}.",
            )
        pairs = np.array(rows)
        first, second = first.taken(pairs[:, 0]), second.taken(pairs[:, 1])
    elif len(first) != len(second):
        raise Refusal(
            f"{first.source} has {len(first):,} images and {second.source} {len(second):,}",
            "Images without names are paired by row: both files need the same images, or names in `images`.",
        )
    if first.labels.shape != second.labels.shape or (first.labels != second.labels).any():
        raise Refusal(
            f"{first.source} and {second.source} label the same images differently",
            "Are both in the same order, and of one label set?",
        )
    return first, second


def _classes(labels: NDArray[Any], a: NDArray[np.bool_], b: NDArray[np.bool_]) -> tuple[ClassGap, ...]:
    images, first, second = (np.zeros(CLASSES, dtype=np.int64) for _ in range(3))
    for column in labels.T:
        there = column != NONE
        images += np.bincount(column[there], minlength=CLASSES)
        first += np.bincount(column[there & a], minlength=CLASSES)
        second += np.bincount(column[there & b], minlength=CLASSES)
    gaps = [
        ClassGap(int(number), int(images[number]), int(first[number]), int(second[number]))
        for number in np.flatnonzero(first != second)
    ]
    return tuple(sorted(gaps, key=lambda gap: (-gap.gain, gap.number)))
