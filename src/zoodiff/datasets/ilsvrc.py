"""Flat ILSVRC folder: ILSVRC2012_val_00000001.JPEG and so on, with the development kit's ground truth.

The labels are in ILSVRC2012_validation_ground_truth.txt: one ILSVRC id (1 to 1000) a line, in the order of the images'
numbers. These ids follow the development kit's own list, which is *not* sorted by WordNet id, as the classes of all
zoos are. That list must be there too: `meta.mat` (needs scipy), or a text with a WordNet id in each line, such as
map_clsloc.txt or ILSVRC2012_mapping.txt; a line may also state the ILSVRC id, else its number counts. They are looked
for beside the images, one folder up, and in `data/` or `ILSVRC2012_devkit_t12/data/` in either.

Order: the images' numbers.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from zoodiff.accuracy.imagenet import synsets
from zoodiff.datasets import csv_index
from zoodiff.fault import Refusal
from zoodiff.validation.dataset import CLASSES, Dataset, images_in, read_file

TRUTH = "ILSVRC2012_validation_ground_truth.txt"
LISTS = ("meta.mat", "map_clsloc.txt", "ILSVRC2012_mapping.txt", "synsets.txt", "synset_words.txt")
BYTES = 64 << 20
_IMAGE = re.compile(r"ILSVRC2012_val_(\d{8})\.JPEG", re.IGNORECASE)
_KIT = "It comes with the development kit, ILSVRC2012_devkit_t12.tar.gz."


def sniff(path: Path) -> bool:
    """A folder of images with the validation set's names, and no index of another layout."""
    return not csv_index.sniff(path) and any(_IMAGE.fullmatch(name) for name in images_in(path))


def find(path: Path) -> Dataset:
    """List the images, and translate the ground truth into WordNet ids."""
    images = sorted((int(found[1]), name) for name in images_in(path) if (found := _IMAGE.fullmatch(name)))
    truth = _truth(path)
    order = _order(path)
    last = images[-1][0]
    if images[0][0] < 1 or last > len(truth):
        raise Refusal(
            f"{TRUTH} has {len(truth):,} lines, and {str(path)!r} holds image number {last:,}", f"Is it whole? {_KIT}"
        )
    names = [name for _, name in images]
    return Dataset(
        "ilsvrc",
        path,
        names,
        [order[truth[number - 1] - 1] for number, _ in images],
        lambda at: read_file(path / names[at]),
        [(path / name).stat().st_size for name in names],
    )


def _places(path: Path) -> Iterator[Path]:
    for near in (path, path.resolve().parent):
        yield from (near, near / "data", near / "ILSVRC2012_devkit_t12" / "data")


def _truth(path: Path) -> list[int]:
    file = next((place / TRUTH for place in _places(path) if (place / TRUTH).is_file()), None)
    if file is None:
        raise Refusal(
            f"the images in {str(path)!r} have no labels: {TRUTH} is missing",
            f"{_KIT} Put it beside the images, or a val.txt with a name and an index in each line.",
        )
    try:
        ids = [int(line) for line in _bytes(file).split()]
    except ValueError:
        ids = []
    if not ids or min(ids) < 1 or max(ids) > CLASSES:
        raise Refusal(f"{str(file)!r} is no ground truth: each line must be a number from 1 to {CLASSES}", _KIT)
    return ids


def _order(path: Path) -> list[str]:
    """WordNet ids in the order of the development kit's ids."""
    file = next((place / name for place in _places(path) for name in LISTS if (place / name).is_file()), None)
    if file is None:
        raise Refusal(
            f"{TRUTH} counts classes in the order of the development kit, which is not that of WordNet ids, and no "
            "list of that order is there",
            f"Put meta.mat or map_clsloc.txt beside the images. {_KIT}",
        )
    named = _matlab(file) if file.suffix == ".mat" else dict(_lines(file))
    order = [named.get(number, "") for number in range(1, CLASSES + 1)]
    if set(order) != set(synsets()):
        raise Refusal(f"{str(file)!r} does not list ImageNet's {CLASSES:,} classes by their ILSVRC ids", _KIT)
    if order == list(synsets()):
        raise Refusal(
            f"{str(file)!r} lists the classes sorted by WordNet id: that is not the development kit's order",
            f"With it nearly every label would be wrong. Give meta.mat or map_clsloc.txt. {_KIT}",
        )
    return order


def _lines(file: Path) -> Iterator[tuple[int, str]]:
    """ILSVRC id and WordNet id of each line."""
    lines = [line for line in _bytes(file).decode("utf-8", "replace").splitlines() if line.strip()]
    for number, line in enumerate(lines, 1):
        if wnid := re.search(r"\bn\d{8}\b", line):
            stated = re.match(r"\s*(\d{1,4})\s+n\d{8}\b|\s*n\d{8}\s+(\d{1,4})\b", line)
            yield int(stated[1] or stated[2]) if stated else number, wnid[0]


def _matlab(file: Path) -> dict[int, str]:
    """ILSVRC id and WordNet id from the development kit's table `synsets`."""
    try:
        from scipy.io import loadmat
    except ModuleNotFoundError:
        raise Refusal(f"reading {str(file)!r} needs scipy", "pip install 'zoodiff[run]'") from None
    try:
        rows: Any = loadmat(io.BytesIO(_bytes(file)), squeeze_me=True)["synsets"]
        return {int(row["ILSVRC2012_ID"]): str(row["WNID"]) for row in rows}
    except Exception as error:  # damaged files fail in many ways inside the reader
        raise Refusal(f"{str(file)!r} is not the development kit's meta.mat: {error}", _KIT) from None


def _bytes(file: Path) -> bytes:
    with file.open("rb") as opened:
        data = opened.read(BYTES + 1)
    if len(data) > BYTES:
        raise Refusal(f"{str(file)!r} is larger than {BYTES:,} bytes")
    return data
