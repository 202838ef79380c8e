"""What a network answered on labelled images: the classes it ranks first, and which are right.

Predictions come from a file (`Predictions.read`) or from a run (`Predictions.of`); both are held to the same rules, so
that a count of hits never rests on rows that do not belong together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zoodiff.accuracy import columns
from zoodiff.accuracy.classes import CLASSES, NONE, acceptable, ranked
from zoodiff.accuracy.columns import FORM
from zoodiff.fault import Refusal

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
        best, right = ranked(top, source), acceptable(labels, source)
        names = None if images is None else tuple(str(image) for image in images)
        if len(best) != len(right):
            raise Refusal(
                f"{source}: {len(best):,} rows of predictions and {len(right):,} labels",
                "One label belongs to each row. Were images skipped when the predictions were made?",
            )
        if names is not None and len(names) != len(best):
            raise Refusal(f"{source}: {len(best):,} rows of predictions and {len(names):,} names of images")
        if not len(best):
            raise Refusal(f"{source} has no rows", "There must be at least one image.")
        if names is not None and len(set(names)) < len(names):
            twice = next(name for name, seen in zip(sorted(names), sorted(names)[1:], strict=False) if name == seen)
            raise Refusal(f"{source}: image {twice!r} stands twice", "Each image counts once: drop the doubles.")
        kept = right[:, 0] != NONE
        if not kept.any():
            raise Refusal(f"{source}: no image has an acceptable class")
        if names is not None:
            names = tuple(name for name, keep in zip(names, kept, strict=True) if keep)
        return cls(best[kept], right[kept], names, source, int((~kept).sum()))

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
    answers = np.asarray(top)
    if answers.dtype.kind not in "iu" and _WNID.fullmatch(str(answers.flat[0])):
        unknown = sorted({str(name) for name in answers.flat} - place.keys())
        if unknown:
            raise Refusal(f"{source}: {unknown[0]!r} is predicted and no label", "It is no class of ImageNet-1k.")
        top = np.vectorize(place.__getitem__)(answers.astype(str))
    return top, np.asarray([place[str(label)] for label in labels])
