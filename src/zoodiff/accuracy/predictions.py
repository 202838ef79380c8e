"""What a network answered on labelled images: the classes it ranks first, and which are right.

Predictions come from a file (`Predictions.read`) or from a run (`Predictions.of`); both are held to the same rules, so
that a count of hits never rests on rows that do not belong together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zoodiff.accuracy import columns
from zoodiff.accuracy.columns import FORM
from zoodiff.fault import Refusal

CLASSES: Final = 1000
"""Classes of ImageNet-1k, numbered 0 to 999 in the order of their WordNet ids (`n01440764` is 0)."""
NONE: Final = -1
"""In `top`: an answer that is none of the classes (`background`). In `labels`: no further acceptable class."""

_MOST = 1e9
"""a number beyond which nothing is worth a place in a message as a class"""
_WNID = re.compile(r"n\d{8}")


@dataclass(frozen=True, eq=False)
class Predictions:
    """The best classes of one network for each of n images, beside the classes that count as right."""

    top: NDArray[np.int16]
    """n x k: classes 0 to 999, best first; -1 is an answer outside them (background)"""
    labels: NDArray[np.int16]
    """n x m: the acceptable classes of each image, filled up with -1; m is 1 where each image has one true class"""
    images: tuple[str, ...] | None = None
    """what the images are called, where that is known"""
    source: str = "predictions"
    """where they come from, for messages"""
    left_out: int = 0
    """images that have no acceptable class, and are in none of the rows"""

    @classmethod
    def of(
        cls,
        top: ArrayLike,
        labels: ArrayLike | Sequence[Sequence[int]],
        *,
        images: Iterable[object] | None = None,
        source: str = "predictions",
    ) -> Predictions:
        """Predictions from arrays: `top` n or n x k; `labels` n, n x m filled up with -1, or n sequences of classes.

        Images without any acceptable class are left out and counted, as ReaL does (Beyer et al. 2020, "Are we done with
        ImageNet?", arXiv 2006.07159, section 3.2). Raises Refusal on rows that do not belong together, on classes
        out of 0 to 999, on what is no number, and on a class or an image that stands twice.
        """
        ranked = _ranked(top, source)
        right = _acceptable(labels, source)
        names = None if images is None else tuple(str(image) for image in images)
        if len(ranked) != len(right):
            raise Refusal(
                f"{source}: {len(ranked):,} rows of predictions and {len(right):,} labels",
                "One label belongs to each row. Were images skipped when the predictions were made?",
            )
        if names is not None and len(names) != len(ranked):
            raise Refusal(f"{source}: {len(ranked):,} rows of predictions and {len(names):,} names of images")
        if not len(ranked):
            raise Refusal(f"{source} has no rows", "There must be at least one image.")
        if names is not None and len(set(names)) < len(names):
            twice = next(name for name, seen in zip(sorted(names), sorted(names)[1:], strict=False) if name == seen)
            raise Refusal(f"{source}: image {twice!r} stands twice", "Each image counts once: drop the doubles.")
        kept = right[:, 0] != NONE
        if not kept.any():
            raise Refusal(f"{source}: no image has an acceptable class")
        if names is not None:
            names = tuple(name for name, keep in zip(names, kept, strict=True) if keep)
        return cls(ranked[kept], right[kept], names, source, int((~kept).sum()))

    @classmethod
    def read(cls, path: Path | str, labels: Path | str | None = None) -> Predictions:
        """Predictions from a file: .npz, .parquet or .csv, told by its ending; `labels` names a file of other labels.

        .npz: arrays `top5` (n x k) or `top1` (n), `labels`, and optional `images`; never unpickled. Parquet and CSV:
        columns `top5` or `top1`, `label`, and optional `image`; a list in a CSV's cell is written `1 2 3` or
        `[1, 2, 3]`, and `top1` to `top5` may be five columns of one class each. Raises Refusal as `of` does.
        """
        path = Path(path)
        held = columns.read(path)
        top, names = _top(held, str(path)), held.get("images", held.get("image"))
        if labels is not None:
            named = None if names is None else [str(name) for name in names]
            return cls.of(top, columns.labels(Path(labels), named, len(top)), images=names, source=str(path))
        right = held.get("labels", held.get("label"))
        if right is None:
            raise Refusal(f"{path} has no labels: it holds {_names(held)}", FORM)
        return cls.of(*_numbered(top, right, str(path)), images=names, source=str(path))

    def hits(self, k: int) -> NDArray[np.bool_]:
        """For each image whether one of its acceptable classes is among the best k. Raises Refusal where k is too many.

        With one true class an image this is the top-k accuracy of ILSVRC (Russakovsky et al. 2015, arXiv 1409.0575,
        section 4.1); with several, and k 1, the accuracy of ReaL.
        """
        if not 1 <= k <= self.top.shape[1]:
            raise Refusal(
                f"{self.source}: {self.top.shape[1]} classes an image, and acc@{k} needs {k}",
                f"Write the best {k} classes of each image as `top{k}`, or ask for acc@1.",
            )
        right = np.zeros(len(self), dtype=bool)
        for column in self.labels.T:
            right |= ((self.top[:, :k] == column[:, None]) & (column[:, None] != NONE)).any(axis=1)
        return right

    def __len__(self) -> int:
        return len(self.top)

    def taken(self, rows: NDArray[Any]) -> Predictions:
        """The same for some of the rows (a mask or indices)."""
        names = None if self.images is None else tuple(np.asarray(self.images, dtype=object)[rows])
        return replace(self, top=self.top[rows], labels=self.labels[rows], images=names)


# ---------------------------------------------------------------- the rules


def _ranked(top: ArrayLike, source: str) -> NDArray[np.int16]:
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


def _acceptable(labels: Any, source: str) -> NDArray[np.int16]:
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


# ---------------------------------------------------------------- columns


def _top(held: dict[str, Any], source: str) -> NDArray[Any]:
    """The ranked classes: `top5`, else `top1`; or the columns `top1`, `top2`, ... of one class each."""
    ranks = [name for name in (f"top{rank}" for rank in range(1, 6)) if name in held]
    if not ranks:
        raise Refusal(f"{source} has neither top5 nor top1: it holds {_names(held)}", FORM)
    tables = {name: _table(held[name], f"{source}: {name}") for name in ranks}
    best, first = tables[ranks[-1]], tables[ranks[0]]
    if any(len(table) != len(best) for table in tables.values()):
        raise Refusal(f"{source}: {' and '.join(ranks)} have different numbers of rows")
    if all(table.ndim == 1 for table in tables.values()) and ranks[-1] == f"top{len(ranks)}":
        return np.stack(list(tables.values()), axis=1)
    if best.ndim == 1 and ranks[-1] != "top1":
        raise Refusal(
            f"{source}: {ranks[-1]} has one class an image",
            "Call it top1, or give the best five: lists, or five columns.",
        )
    if not best.size or not first.size:
        return best
    if first.reshape(len(first), -1)[:, 0].tolist() != best.reshape(len(best), -1)[:, 0].tolist():
        raise Refusal(f"{source}: {ranks[0]} and the first class of {ranks[-1]} differ", "Which of them is meant?")
    return best


def _table(values: Any, what: str) -> NDArray[Any]:
    """Values as an array of n or n x k."""
    try:
        table = np.asarray(values)
    except ValueError:
        raise Refusal(f"{what} has rows of different lengths", "Every image needs equally many classes.") from None
    if table.ndim not in (1, 2):
        raise Refusal(f"{what} has the shape {table.shape}, not n or n x k", FORM)
    return table


def _names(held: dict[str, Any]) -> str:
    return ", ".join(map(repr, held)) or "nothing"


def _numbered(top: Any, labels: Any, source: str) -> tuple[Any, Any]:
    """WordNet ids as class indices, where all 1,000 are there: an index is the place in their sorted list."""
    if not np.size(first := next(iter(labels), ())) or not _WNID.fullmatch(str(first)):
        return top, labels
    ids = sorted({str(label) for label in labels})
    if len(ids) != CLASSES:
        raise Refusal(
            f"{source}: labels are WordNet ids such as {ids[0]!r}, and only {len(ids):,} of the 1,000 are there",
            "Write class indices 0 to 999: the place of an id in the sorted list of all 1,000.",
        )
    place = {name: index for index, name in enumerate(ids)}
    ranked = np.asarray(top)
    if ranked.dtype.kind not in "iu" and _WNID.fullmatch(str(ranked.flat[0])):
        unknown = sorted({str(name) for name in ranked.flat} - place.keys())
        if unknown:
            raise Refusal(f"{source}: {unknown[0]!r} is predicted and no label", "It is no class of ImageNet-1k.")
        top = np.vectorize(place.__getitem__)(ranked.astype(str))
    return top, np.asarray([place[str(label)] for label in labels])
