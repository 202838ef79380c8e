"""Labelled images on disk, in whatever layout: what there is, in which order, and what the labels mean."""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np

from zoodiff import disk, unit
from zoodiff.accuracy.imagenet import synsets
from zoodiff.accuracy.statistics import VALIDATION_IMAGES
from zoodiff.fault import Refusal

Indices = np.ndarray[Any, np.dtype[np.int64]]
Label = int | str

IMAGE_BYTES: Final = 64 << 20
"""the most that one image file may take; the largest of ImageNet's validation set takes 15 MB"""
IMAGES: Final = 20_000_000
"""the most images or members that are listed"""
SUFFIXES: Final = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".ppm", ".pgm", ".tif", ".tiff")
"""what an image's name ends with, whatever the case"""
CLASSES: Final = 1000
"""of ImageNet-1k"""
_WNID = re.compile(r"n\d{8}")


@dataclass(frozen=True)
class Dataset:
    """Labelled images that can be read one at a time, in any order and from several threads."""

    layout: str
    """id of the unit that found them"""
    path: Path
    identities: Sequence[str]
    """what each image is called: unique, and the same wherever the data lie"""
    labels: Sequence[Label]
    """as the data state them: WordNet ids (`n01440764`), other names of classes, or numbers"""
    read: Callable[[int], bytes]
    """the file of the image at a place, undecoded; OSError or ValueError where it cannot be had"""
    sizes: Sequence[int] = ()
    """bytes of each image, where listing them told"""
    names: tuple[str, ...] = ()
    """every class in the order of its index, where the data state them: also those without an image"""
    note: str = ""
    """what a user should know of it: what was left out, and why"""

    def __len__(self) -> int:
        return len(self.identities)

    @property
    def sha256(self) -> str:
        """Hash of every identity, label and size: what tells one set of images from another without reading it."""
        digest = hashlib.sha256()
        for at, (identity, label) in enumerate(zip(self.identities, self.labels, strict=True)):
            digest.update(
                f"{identity}\0{label}\0{self.sizes[at] if self.sizes else ''}\n".encode(errors="surrogateescape")
            )
        return digest.hexdigest()

    def order(self, seed: int | None) -> Indices:
        """Places of all images: as they are listed, or in a random order that the seed gives again."""
        places = np.arange(len(self))
        return places if seed is None else np.random.default_rng(seed).permutation(places)


@dataclass(frozen=True)
class Targets:
    """What the labels mean to one network: the class of each image, and which output is class 0."""

    labels: Indices
    """of each image, counted from 0"""
    classes: int
    offset: int
    """the output of class 0: 1 where output 0 is a class `background`"""
    words: str
    """how the labels were understood"""


def open(path: Path | str) -> Dataset:
    """Find the labelled images in a folder or file, whatever its layout.

    Raises Refusal where there is nothing, the layout is unknown, or labels are missing or do not fit the images.
    """
    path = Path(path)
    try:
        return _found(path)
    except OSError as error:
        raise Refusal(f"cannot read {str(error.filename or path)!r}: {error.strerror or error}") from None


def _found(path: Path) -> Dataset:
    if not path.exists():
        raise Refusal(f"there is no {str(path)!r}", "Give the folder or file with the labelled images: --data D")
    if path.is_dir() and not any(path.iterdir()):
        raise Refusal(f"the folder {str(path)!r} is empty", "Is it the right one, and is its disk mounted?")
    for name in unit.ids("datasets"):
        layout = unit.find("datasets", name)
        if layout.sniff(path):
            found: Dataset = layout.find(path)
            return _checked(found)
    raise _unknown(path)


def _checked(found: Dataset) -> Dataset:
    where = repr(str(found.path))
    if not len(found):
        raise Refusal(f"{where} holds no images", f"Images end with {', '.join(SUFFIXES)}.")
    if len(found) > IMAGES:
        raise Refusal(f"{where} holds more than {IMAGES:,} images")
    missing = [
        identity for identity, label in zip(found.identities, found.labels, strict=True) if label in ("", -1, "-1")
    ]
    if missing:
        raise Refusal(
            f"{len(missing):,} of {len(found):,} images in {where} have no label (the first: {missing[0]!r})",
            "A test set is published without labels: use the validation set.",
        )
    if len(set(found.identities)) < len(found):
        twice, times = Counter(found.identities).most_common(1)[0]
        raise Refusal(f"{where} lists {twice!r} {times} times", "Each image counts once: take the doubles out.")
    return found


def _unknown(path: Path) -> Refusal:
    layouts = "See the layouts that are known: zoodiff list datasets"
    if path.is_dir():
        inner = next((name for name in ("val", "validation") if (path / name).is_dir()), None)
        if inner:
            return Refusal(f"{str(path)!r} holds no labelled images itself", f"Give {str(path / inner)!r}. {layouts}")
        if count := len(images_in(path)):
            return Refusal(
                f"{str(path)!r} holds {count:,} images and nothing that says what is on them",
                f"Put an index.csv with the columns file,label beside them, or one folder a class. {layouts}",
            )
        if folders := sum(inner.is_dir() for inner in path.iterdir()):
            return Refusal(
                f"{str(path)!r} has {folders:,} folders and no images in them",
                f"Images end with {', '.join(SUFFIXES)}. {layouts}",
            )
    return Refusal(f"{str(path)!r} is no layout of labelled images that is known", layouts)


# ---------------------------------------------------------------- what layouts share


def is_image(name: str) -> bool:
    """Whether a file is an image by its name; hidden files are none."""
    return name.lower().endswith(SUFFIXES) and not name.startswith(".")


def images_in(folder: Path) -> list[str]:
    """Names of the images that lie directly in a folder, sorted; none where it is no folder."""
    if not folder.is_dir():
        return []
    with os.scandir(folder) as entries:
        return sorted(entry.name for entry in entries if is_image(entry.name))


def read_file(path: Path) -> bytes:
    """The bytes of an image; ValueError where it is larger than an image may be, or no regular file."""
    return disk.bounded(path, IMAGE_BYTES)


def inside(name: str, where: Path) -> str:
    """The name, unless it leads out of the folder or archive that holds it: that is a Refusal."""
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ".." in parts or re.match(r"[A-Za-z]:", name) or "\0" in name:
        raise Refusal(f"{str(where)!r} names {name!r}, which lies outside of it", "Only what lies inside is read.")
    return name


# ---------------------------------------------------------------- what labels mean

Kind = Literal["wnid", "name", "index"]


def targets(found: Dataset, outputs: int, offset: int | None = None) -> Targets:
    """The class of each image as a network with so many outputs numbers them, counted from 0 after `background`.

    `offset` is what the model's record says of the output of class 0; None where it says nothing, and 1,001 outputs
    then have `background` first. Raises Refusal where classes and outputs do not fit each other.
    """
    kind, numbers, known = _numbers(found)
    if offset is None:
        offset = int(outputs == (known or CLASSES) + 1)
    classes = outputs - offset
    background = f" (and {offset} before them for the background)" if offset else ""
    if known is not None and known != classes:
        raise Refusal(
            f"{str(found.path)!r} has {known:,} classes, and the model has {classes:,}{background}",
            "Classes and outputs must be the same: is it the data that the model was trained for?",
        )
    low, high = int(numbers.min()), int(numbers.max())
    words = _WORDS[kind]
    if kind == "index" and low >= 1 and high == classes:
        numbers, words = numbers - 1, "numbers counted from 1"
    elif low < 0 or high >= classes:
        raise Refusal(
            f"the labels in {str(found.path)!r} run from {low} to {high}, and the model has {classes:,} "
            f"classes{background}",
            "Labels are numbers from 0 in the order of sorted WordNet ids: is it the data that the model knows?",
        )
    return Targets(numbers, classes, offset, words)


_WORDS: dict[Kind, str] = {
    "wnid": "WordNet ids, sorted",
    "name": "names of classes, sorted",
    "index": "numbers counted from 0",
}


def _numbers(found: Dataset) -> tuple[Kind, Indices, int | None]:
    """What kind the labels are, their numbers, and how many classes there are where the data tell."""
    distinct = {str(label) for label in found.labels}
    if all(re.fullmatch(r"\d{1,9}", label) for label in distinct):
        return "index", np.array([int(label) for label in found.labels], np.int64), len(found.names) or None
    if all(_WNID.fullmatch(label) for label in distinct) and distinct <= set(synsets()):
        return "wnid", _places(found.labels, synsets()), CLASSES
    order = found.names or tuple(sorted(distinct))
    return "name", _places(found.labels, order), len(order)


def _places(labels: Sequence[Label], order: Sequence[str]) -> Indices:
    place = {name: at for at, name in enumerate(order)}
    return np.array([place[str(label)] for label in labels], np.int64)


def reservation(found: Dataset, labels: Indices) -> str:
    """Why an accuracy on these images is no estimate of that on ImageNet's validation set; empty where it is that set.

    The set is known by its size: 50,000 images, 50 of each of 1,000 classes (Russakovsky et al. 2015, section 3.1).
    """
    counts = np.bincount(labels)
    if len(found) == VALIDATION_IMAGES and len(counts) == CLASSES and (counts == VALIDATION_IMAGES // CLASSES).all():
        return ""
    return (
        f"these {len(found):,} images are not the validation set of {VALIDATION_IMAGES:,}: how they were chosen is not "
        "known, so the value is no estimate of validation accuracy"
    )
