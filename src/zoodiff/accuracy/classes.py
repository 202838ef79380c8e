"""Classes by number: which arrays are answers of a network or labels of images, and which only look like it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zoodiff.accuracy.columns import FORM
from zoodiff.fault import Refusal

CLASSES: Final = 1000
"""Classes of ImageNet-1k, numbered 0 to 999 in the order of their WordNet ids (`n01440764` is 0)."""
NONE: Final = -1
"""In `top`: an answer that is none of the classes (`background`). In `labels`: no further acceptable class."""

_MOST = 1e9
"""a number beyond which nothing is worth a place in a message as a class"""


def ranked(top: ArrayLike, source: str) -> NDArray[np.int16]:
    """Answers as n x k: `top` is n or n x k, best first; -1 is none of the classes. Raises Refusal on any other."""
    array = _whole(top, f"{source}: predictions")
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2 or not array.shape[1]:
        raise Refusal(f"{source}: predictions of shape {array.shape}, not n x k", FORM)
    if array.shape[1] >= CLASSES:
        raise Refusal(
            f"{source}: {array.shape[1]} numbers an image: these are scores of classes, or all classes",
            "Keep the best five: numpy.argsort(-scores, axis=1)[:, :5].",
        )
    if array.size and array.max() == CLASSES:
        raise Refusal(
            f"{source}: class 1000 is predicted; ImageNet's classes are 0 to 999",
            "A network of 1001 classes calls class 0 `background`: subtract 1 from its answers (-1 is then no class).",
        )
    _in_range(array, NONE, f"{source}: predictions")
    inner = np.sort(array, axis=1)
    double = np.flatnonzero((inner[:, 1:] == inner[:, :-1]).any(axis=1))
    if len(double):
        raise Refusal(
            f"{source}: row {double[0]} predicts a class twice: {array[double[0]].tolist()}",
            "The best classes of an image differ from each other. Are these sorted indices of classes?",
        )
    return array.astype(np.int16)


def acceptable(labels: Any, source: str) -> NDArray[np.int16]:
    """Label sets as n x m, filled up with -1: `labels` is n, n x m, or n sequences. Raises Refusal on any other."""
    if not isinstance(labels, np.ndarray) and any(isinstance(one, list | tuple) for one in labels):
        labels = _filled([one if isinstance(one, list | tuple) else (one,) for one in labels], source)
    array = _whole(labels, f"{source}: labels")
    if array.ndim == 1:
        array = array[:, None]
        if array.size and array.min() == NONE:
            raise Refusal(f"{source}: row {int(array.argmin())} has the label -1", "A label is a class from 0 to 999.")
    if array.ndim != 2 or not array.shape[1]:
        raise Refusal(f"{source}: labels of shape {array.shape}, not n", FORM)
    if array.size and array.max() == CLASSES:
        raise Refusal(
            f"{source}: label 1000; ImageNet's classes are 0 to 999",
            "Labels that count from 1, or from a class `background`, need 1 subtracted. The numbers of the original "
            "development kit (1 to 1000) are in another order: map them by their WordNet ids.",
        )
    _in_range(array, NONE, f"{source}: labels")
    return -np.sort(-array, axis=1).astype(np.int16)


def _filled(sets: Sequence[Sequence[Any]], source: str) -> NDArray[np.int64]:
    """Label sets of different sizes as n x m, filled up with -1."""
    flat = [one for some in sets for one in some]
    if nested := [one for one in flat if isinstance(one, list | tuple)]:
        raise Refusal(f"{source}: a label is a list of lists: {nested[0]!r}", "It is a class, or a list of classes.")
    sizes = np.array([len(some) for some in sets])
    full = np.full((len(sets), max(1, sizes.max())), NONE, dtype=np.int64)
    full[np.arange(full.shape[1]) < sizes[:, None]] = _whole(np.array(flat, dtype=object), f"{source}: labels")
    return full


def _whole(values: Any, what: str) -> NDArray[np.int64]:
    """Values as whole numbers; what is none is refused with its place."""
    array = np.asarray(values)
    if not array.size:
        return np.zeros(array.shape, dtype=np.int64)
    if array.dtype.kind in "iu":
        return array.astype(np.int64)
    if array.dtype.kind not in "fUSO":
        raise Refusal(f"{what} hold values of the type {array.dtype}, not classes", FORM)
    flat = array.ravel()
    try:
        numbers = flat.astype(np.float64)
    except (TypeError, ValueError):
        wrong = next(value for value in flat.tolist() if not _is_number(value))
        hint = "Class indices 0 to 999 are needed: the place of a WordNet id in the sorted list of the 1,000 ids."
        raise Refusal(f"{what} hold {wrong!r}, which is no number", hint) from None
    bad = np.flatnonzero(~np.isfinite(numbers) | (numbers != np.rint(numbers)) | (np.abs(numbers) > _MOST))
    if len(bad):
        row = int(bad[0]) // (array[0].size if array.ndim > 1 else 1)
        raise Refusal(f"{what} hold {numbers[bad[0]]} in row {row}, which is no class", "A class is 0 to 999.")
    return numbers.astype(np.int64).reshape(array.shape)


def _is_number(value: object) -> bool:
    try:
        float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False
    return True


def _in_range(array: NDArray[np.int64], least: int, what: str) -> None:
    bad = np.argwhere((array < least) | (array >= CLASSES))
    if len(bad):
        raise Refusal(
            f"{what} hold class {int(array[tuple(bad[0])])} in row {int(bad[0][0])}; ImageNet's classes are 0 to 999",
            "Classes are indices in the order of the WordNet ids, which ImageFolder and the zoos use.",
        )
