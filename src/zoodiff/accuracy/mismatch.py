"""Labels that do not belong to the predictions: an offset of classes, another order, or answers at chance."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from zoodiff.accuracy.classes import CLASSES, NONE
from zoodiff.accuracy.predictions import Predictions
from zoodiff.accuracy.statistics import VALIDATION_IMAGES
from zoodiff.fault import Refusal

_OFTEN, _NEVER = 1e-3, 1e-9
"""what happens by chance more often explains itself; what happens less often is no chance"""
_TELLING: Final = 0.1
"""accuracy that an unusual offset must give at least: among 2,000 of them one is often better than the others"""
_DEVIATIONS: Final = 6
"""standard deviations beyond which a sample is none"""
_FEWEST: Final = 100
"""images below which nothing is said about the classes that a sample has"""


def check(predictions: Predictions, expected: float) -> None:
    """Raise Refusal where predictions and labels do not belong together, with the likely reason.

    `expected` is the accuracy that is claimed, from 0 to 1. Labels that belong to other rows give as many hits as
    random pairs of the same predictions and labels: in the mean the sum over classes of (how often predicted * how
    often right) / n, and about Poisson distributed. Any shift of classes, shifts of up to ten rows and the order of
    folders are tried; one that more than doubles the hits, far beyond chance, is the reason (where it is none of the
    usual mistakes, it must also give half of the accuracy that is claimed, and 10 %: wrong answers have patterns).
    """
    hits, chance = _hits(predictions.top[:, 0], predictions.labels)
    found = {way: _hits(top, labels) for way, (top, labels) in _arrangements(predictions).items()}
    best = max(found, key=lambda way: found[way][0])
    unusual = 0 if best in _HINTS else max(expected / 2, _TELLING) * len(predictions)
    if found[best][0] > max(2 * hits + 10, unusual) and _beyond(*found[best]) < _NEVER:
        raise Refusal(
            f"{predictions.source}: {_share(hits, predictions)} of the first answers are right, and "
            f"{_share(found[best][0], predictions)} would be with {best}",
            f"Predictions and labels do not belong together. {_hint(best)}",
        )
    if _beyond(hits, chance) > _OFTEN and _beyond(int(expected * len(predictions) / 2), chance) < _NEVER:
        raise Refusal(
            f"{predictions.source}: {_share(hits, predictions)} of the first answers are right, as by chance",
            "Do the labels belong to these rows, in this order? Are they numbered in the order of the WordNet ids? "
            "No offset of classes or of a few rows explains it, nor do sorted labels.",
        )


def sampling(predictions: Predictions, population: int = VALIDATION_IMAGES) -> str:
    """Why the images are no random sample of the validation set, by their labels; empty where they may be.

    That set has 50 images of each class. Of fewer images than all Pearson's chi-square over the classes is compared
    with what it is for a sample: mean 999, variance at most 2 * 999.
    """
    if predictions.labels.shape[1] > 1:
        return ""
    counts = np.bincount(predictions.labels[:, 0], minlength=CLASSES)
    each, most = population // CLASSES, int(counts.argmax())
    if counts[most] > each:
        return f"class {most} has {counts[most]} images, and {each} in the validation set"
    images = len(predictions)
    mean = images / CLASSES
    spread = float(((counts - mean) ** 2).sum() / mean)
    if images >= _FEWEST and spread > CLASSES - 1 + _DEVIATIONS * math.sqrt(2 * (CLASSES - 1)):
        return f"{np.count_nonzero(counts):,} of {CLASSES:,} classes are there, {counts[most]} times the most frequent"
    return ""


_BEFORE, _BEHIND = "every predicted class one lower", "every predicted class one higher"
_EARLY, _LATE = "the predictions of the next row", "the predictions of the row before"
_SORTED = "the labels in the order of folders"
_ROWS: Final = 10
"""rows by which predictions and labels may be shifted"""
_HINTS = {
    _BEFORE: "A network of 1001 classes calls class 0 `background`: subtract 1 from its answers (-1 is then no class).",
    _BEHIND: "The labels count from 1, or `background` was subtracted twice: add 1 to the predictions.",
    _EARLY: "The first row of predictions has no label: was a head taken for data?",
    _LATE: "The first label has no predictions: was a head taken for data?",
    _SORTED: "The predictions stand in the order of folders (ImageFolder), the labels in that of the files' numbers.",
}


def _arrangements(predictions: Predictions) -> dict[str, tuple[NDArray[np.int16], NDArray[np.int16]]]:
    """First answers and labels as they would be if something usual had gone wrong."""
    first, labels = predictions.top[:, 0], predictions.labels
    shifted = {_classes(by): first + by for by in (-1, 1, _likely(first, labels[:, 0]))}
    shifted |= {_rows(by): np.roll(first, -by) for at in range(1, _ROWS + 1) for by in (at, -at)}
    return {way: (top.astype(np.int16), labels) for way, top in shifted.items()} | {
        _SORTED: (first, labels[np.argsort(labels[:, 0], kind="stable")])
    }


def _likely(first: NDArray[np.int16], labels: NDArray[np.int16]) -> int:
    """The number that, added to every predicted class, makes the most of them right; 0 is none."""
    apart = labels.astype(np.int64) - first + CLASSES
    counts = np.bincount(apart[apart >= 0], minlength=2 * CLASSES)
    counts[CLASSES] = 0
    return int(counts.argmax()) - CLASSES


def _classes(by: int) -> str:
    if abs(by) == 1:
        return _BEFORE if by < 0 else _BEHIND
    return f"every predicted class {abs(by)} {'lower' if by < 0 else 'higher'}"


def _rows(by: int) -> str:
    if abs(by) == 1:
        return _EARLY if by > 0 else _LATE
    return f"the predictions of {abs(by)} rows {'on' if by > 0 else 'before'}"


def _hint(way: str) -> str:
    """What a usual mistake comes from; of another offset, where to look."""
    other = "Were rows or classes left out, or are classes numbered otherwise than in the order of the WordNet ids?"
    return _HINTS.get(way, other)


def _hits(first: NDArray[np.int16], labels: NDArray[np.int16]) -> tuple[int, float]:
    """How many first answers are right, and how many would be by chance in the mean."""
    hits = int(((first[:, None] == labels) & (labels != NONE)).any(axis=1).sum())
    predicted = np.bincount(first[(first >= 0) & (first < CLASSES)], minlength=CLASSES)
    right = np.bincount(labels[labels != NONE], minlength=CLASSES)
    return hits, float(predicted @ right) / len(first)


def _beyond(hits: int, mean: float) -> float:
    """How probable so many hits or more are by chance: the upper tail of Poisson's distribution; 1 up to its mean."""
    if hits <= mean:
        return 1.0
    if not mean:
        return 0.0
    term = math.exp(hits * math.log(mean) - mean - math.lgamma(hits + 1))
    total, at = 0.0, hits
    while term > total * 1e-12:
        total, at = total + term, at + 1
        term *= mean / at
    return total


def _share(hits: int, predictions: Predictions) -> str:
    return f"{100 * hits / len(predictions):.2f} %"
