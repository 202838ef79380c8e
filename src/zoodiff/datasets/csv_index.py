"""CSV index: a table with an image's path and its label in each row.

Columns (the first row names them): the image under `file`, `image`, `path`, `filename`, `name` or `ImageId`; its label
under `label`, `class_index`, `class`, `wnid`, `synset`, `target` or `PredictionString` (of which the first word counts,
as in Kaggle's LOC_val_solution.csv). Without such a first row: two columns, name and index, as in Caffe's `val.txt`.
Separated by commas, semicolons, tabs or spaces. A name without a suffix gets `.JPEG`.

A folder is known by an index.csv, labels.csv, LOC_val_solution.csv or val.txt in it. Paths are relative to the index;
none may lead out of its folder. Order: the table's.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path

from zoodiff.fault import Refusal
from zoodiff.validation.dataset import SUFFIXES, Dataset, inside, read_file

NAMES = ("index.csv", "labels.csv", "LOC_val_solution.csv", "val.txt")
IMAGE = ("file", "image", "path", "filename", "file_name", "name", "imageid")
LABEL = ("label", "class_index", "class", "wnid", "synset", "target", "predictionstring")
BYTES = 1 << 30
"""the most that an index may take"""


def sniff(path: Path) -> bool:
    """A text file with rows, or a folder with one under a usual name."""
    index = _index(path)
    if index is None or index.suffix.lower() not in (".csv", ".tsv", ".txt"):
        return False
    with index.open("rb") as file:
        return b"\0" not in file.read(512)


def find(path: Path) -> Dataset:
    """Read the index; its images are not looked for until they are read."""
    index = _index(path)
    assert index is not None
    if index.stat().st_size > BYTES:
        raise Refusal(f"the index {str(index)!r} is larger than {BYTES:,} bytes")
    try:
        rows = _rows(index.read_text(encoding="utf-8-sig"))
    except (csv.Error, UnicodeDecodeError) as error:
        raise Refusal(f"the index {str(index)!r} cannot be read: {error}", "It must be a text in UTF-8.") from None
    if not rows:
        raise Refusal(f"the index {str(index)!r} is empty")
    image, label, body = _columns(rows, index)
    short = next((number for number, row in enumerate(body, 1) if len(row) <= max(image, label)), None)
    if short is not None:
        raise Refusal(f"row {short} of {str(index)!r} has no label or no image: {body[short - 1]!r}")
    identities = [_named(inside(row[image].strip(), index)) for row in body]
    folder = index.parent
    return Dataset(
        "csv-index",
        path,
        identities,
        [(row[label].split() or [""])[0] for row in body],
        lambda at: read_file(folder / identities[at]),
    )


def _index(path: Path) -> Path | None:
    if path.is_file():
        return path
    return next((path / name for name in NAMES if (path / name).is_file()), None)


def _rows(text: str) -> list[list[str]]:
    """Cells of the rows that are not empty, by the separator that the first of them has."""
    lines = [line for line in text.splitlines() if line.strip()]
    for separator in ",;\t":
        if lines and separator in lines[0]:
            return list(csv.reader(lines, delimiter=separator))
    return [line.rsplit(None, 1) for line in lines]


def _columns(rows: Sequence[list[str]], index: Path) -> tuple[int, int, Sequence[list[str]]]:
    """Which columns hold images and labels, and the rows below the names of columns."""
    head = [cell.strip().lower() for cell in rows[0]]
    image = next((head.index(name) for name in IMAGE if name in head), None)
    label = next((head.index(name) for name in LABEL if name in head), None)
    if image is not None and label is not None:
        return image, label, rows[1:]
    if len(head) == 2 and re.fullmatch(r"\d+|n\d{8}", head[1]):
        return 0, 1, rows
    raise Refusal(
        f"the index {str(index)!r} has no column for {'the label' if image is not None else 'the image'}: {rows[0]!r}",
        "Name the columns in its first row: file,label",
    )


def _named(name: str) -> str:
    return name if name.lower().endswith(SUFFIXES) else f"{name}.JPEG"
