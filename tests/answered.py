"""Predictions made up for tests, right as often as is asked."""

from __future__ import annotations

import numpy as np

from zoodiff.accuracy.classes import CLASSES
from zoodiff.accuracy.predictions import Predictions


def answered(correct: int, images: int = 50_000, among_five: int | None = None, seed: int = 0) -> Predictions:
    """As many first answers right; of a random sample of a set with 50 images a class, in random order.

    `among_five` images have their class among the best five (all right ones, if not said); wrong answers are random.
    """
    random = np.random.default_rng(seed)
    labels = random.permutation(np.arange(50_000) // 50)[:images]
    top = (labels[:, None] + 37 + np.arange(5) * 150 + random.integers(0, 100, images)[:, None]) % CLASSES
    order = random.permutation(images)
    right, second = order[:correct], order[correct : among_five or correct]
    top[right, 0] = labels[right]
    top[second, 3] = labels[second]
    return Predictions.of(top, labels, source="answers")
