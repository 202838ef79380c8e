"""ImageFolder: one folder a class, named by WordNet id, by number or by the class's name.

WordNet ids mean ImageNet's index, also where folders of some classes are not there; numbers mean themselves (never
their place among names sorted as text, where 10 comes before 2); other names mean their place among the sorted names,
as in torchvision's `ImageFolder`. Folders inside a class's folder are not entered.

Order: classes sorted by name, then images by name.
"""

from __future__ import annotations

import os
from pathlib import Path

from zoodiff.validation.dataset import Dataset, images_in, is_image, read_file


def sniff(path: Path) -> bool:
    """A folder with images in its folders, and none beside them."""
    if not path.is_dir():
        return False
    with os.scandir(path) as entries:
        here = list(entries)
    return not any(is_image(entry.name) for entry in here) and any(
        images_in(Path(entry.path)) for entry in here if _is_class(entry)
    )


def find(path: Path) -> Dataset:
    """List the images of every class."""
    with os.scandir(path) as entries:
        classes = sorted(entry.name for entry in entries if _is_class(entry))
    found: list[tuple[str, str, int]] = []
    strange = 0
    for name in classes:
        with os.scandir(path / name) as entries:
            inner = sorted(entries, key=lambda entry: entry.name)
        images = [entry for entry in inner if is_image(entry.name)]
        strange += len(inner) - len(images)
        found += [(f"{name}/{entry.name}", name, entry.stat().st_size) for entry in images]
    identities = [identity for identity, _, _ in found]
    return Dataset(
        "imagefolder",
        path,
        identities,
        [label for _, label, _ in found],
        lambda at: read_file(path / identities[at]),
        [size for _, _, size in found],
        () if all(name.isdecimal() for name in classes) else tuple(classes),
        f"{strange:,} files in the classes' folders are no images by their names" if strange else "",
    )


def _is_class(entry: os.DirEntry[str]) -> bool:
    return entry.is_dir() and not entry.name.startswith(".")
