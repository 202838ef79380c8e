"""Files that hold what a network answered, and label sets: arrays or columns by name, as they are.

What they mean, and whether they belong together, is for `classes.py` and `predictions.py` to say.
"""

from __future__ import annotations

import csv
import json
import math
import re
import sys
import zipfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any, Final

import numpy as np

from zoodiff.fault import Refusal

FORM: Final = (
    "An .npz holds `top5` (n x 5, best first) or `top1`, and `labels` (n); "
    "CSV and Parquet have columns `top5` or `top1`, and `label`."
)
_LARGEST = 1 << 30
"""bytes that one array of an .npz may unpack to"""
_ROWS = 20_000_000
"""rows of a table"""

_CLASSES = re.compile(r"top[1-5]|label")
"""columns that hold classes; others stay as they are"""


def read(path: Path) -> dict[str, Any]:
    """The arrays or columns of a file by name, as they are."""
    readers: dict[str, Callable[[Path], dict[str, Any]]] = {
        ".npz": _npz,
        ".csv": _csv,
        ".parquet": _parquet,
        ".pq": _parquet,
    }
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise Refusal(f"{str(path)!r} is no kind of file of predictions", f"There are: .npz, .parquet, .csv. {FORM}")
    if not path.is_file():
        raise Refusal(f"no file {str(path)!r}", "See: zoodiff verify --help")
    try:
        return reader(path)
    except (OSError, ValueError, KeyError, EOFError, RuntimeError, csv.Error, zlib.error, zipfile.BadZipFile) as error:
        raise Refusal(f"{path} cannot be read: {error}", FORM) from None


def _npz(path: Path) -> dict[str, Any]:
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if member.file_size > _LARGEST:
                raise Refusal(f"{path}: {member.filename} unpacks to {member.file_size:,} bytes: too large")
            with archive.open(member) as file:
                _check_header(file, member)
    with np.load(path, allow_pickle=False) as arrays:
        try:
            held = {name: arrays[name] for name in arrays.files}
        except ValueError as error:
            if "pickle" not in str(error):
                raise
            raise Refusal(
                f"{path} holds Python objects, which are not read",
                "Save plain integer arrays; several classes an image as n x m, filled up with -1.",
            ) from None
    for name, array in held.items():
        points = np.dtype(np.uint32).newbyteorder(array.dtype.byteorder)
        if array.dtype.kind == "U" and array.size and np.ascontiguousarray(array).view(points).max() > sys.maxunicode:
            raise ValueError(f"{name!r} holds what is no text")
    single = next((name for name, array in held.items() if not array.ndim), None)
    if single is not None:
        raise Refusal(f"{path}: {single!r} is a single value, not an array of one for each image", FORM)
    return held


def _check_header(file: IO[bytes], member: zipfile.ZipInfo) -> None:
    """Refuse an array that states more numbers than it holds: numpy makes room for them before it reads one."""
    readers = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    version = np.lib.format.read_magic(file)
    if version not in readers:
        raise ValueError(f"{member.filename!r} is an array of version {version}")
    try:
        shape, _, dtype = readers[version](file)
    except Exception as error:  # numpy reads it as Python's literals, which fail in many ways
        raise ValueError(f"{member.filename!r} has no header of an array: {error}") from None
    if not dtype.hasobject and dtype.itemsize * math.prod(shape) > member.file_size:
        raise ValueError(f"{member.filename!r} states the shape {shape}, and has {member.file_size:,} bytes")


def _csv(path: Path) -> dict[str, Any]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.reader(file))
    if not rows:
        raise Refusal(f"{path} is empty", FORM)
    head, body = [cell.strip() for cell in rows[0]], [row for row in rows[1:] if row]
    if twice := [name for name in head if head.count(name) > 1]:
        raise Refusal(f"{path} has two columns {twice[0]!r}", "Which of them is meant?")
    for number, row in enumerate(body, start=2):
        if len(row) != len(head):
            raise Refusal(f"{path}, line {number}: {len(row)} cells, and the head has {len(head)}", _QUOTES)
    columns: dict[str, Any] = {name: list(cells) for name, cells in zip(head, zip(*body, strict=True), strict=False)}
    columns = {name: columns.get(name, []) for name in head}
    return {name: _listed(cells, name, path) if _CLASSES.fullmatch(name) else cells for name, cells in columns.items()}


_QUOTES = 'A list in one cell needs quotes where it has commas: "[1, 2, 3]", or is written 1 2 3.'


_MARKS = str.maketrans("[](){},;", " " * 8)
"""what may stand around and between the classes of a list"""


def _listed(cells: list[str], name: str, path: Path) -> Any:
    """A column of single values or of lists, by what is written in its cells."""
    split = [cell.translate(_MARKS).split() for cell in cells]
    several = name == "label" and any(len(one) > 1 or "[" in cell for one, cell in zip(split, cells, strict=True))
    if not several:
        for line, one in enumerate(split, start=2):
            if not one:
                raise Refusal(f"{path}, line {line} has no {name}", "Every row needs a value there.")
            if name != "label" and len(one) != len(split[0]):
                raise Refusal(f"{path}, line {line}: {len(one)} classes in {name}, and {len(split[0])} before")
    if several:
        return split
    return [one[0] for one in split] if all(len(one) == 1 for one in split) else split


def _parquet(path: Path) -> dict[str, Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        rows = pq.read_metadata(path).num_rows
        if rows > _ROWS:  # a few bytes can stand for any number of equal values
            raise Refusal(f"{path} has {rows:,} rows; at most {_ROWS:,} are read", "One row is one image.")
        table = pq.read_table(path)
    except pa.ArrowException as error:
        raise ValueError(error) from None
    for name in ("top1", "top5", "label", "image"):
        if name in table.column_names and table.column(name).null_count:
            raise Refusal(f"{path}: {table.column(name).null_count} empty values in {name!r}", "Every row needs one.")
    return {name: table.column(name).to_pylist() for name in table.column_names}


def labels(path: Path, images: Sequence[str] | None, rows: int) -> list[list[int]]:
    """Another label set, one or several acceptable classes an image, in the order of the images.

    JSON as ReaL publishes it: a list in the order of the validation set's file numbers (its n-th entry is of
    ILSVRC2012_val_0000000n), or an object by file name. Images whose names are known are looked up; else the order is
    taken as the predictions' own. Raises Refusal where a name is not found or the length is another.
    """
    if not path.is_file():
        raise Refusal(f"no file {str(path)!r}", "See: zoodiff verify --help")
    try:
        loaded = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, UnicodeError, RecursionError) as error:
        raise Refusal(f"{path} is no JSON: {error}", _LABELS) from None
    if isinstance(loaded, dict) and images is None:
        raise Refusal(f"{path} has labels by image, and the predictions name no images", "Add `images` to them.")
    if isinstance(loaded, dict):
        by_name = {Path(name).stem: label for name, label in loaded.items()}
        missing = next((name for name in images or () if Path(name).stem not in by_name), None)
        if missing is not None:
            raise Refusal(f"{path} has no labels of {missing!r}", _LABELS)
        chosen = [by_name[Path(name).stem] for name in images or ()]
    elif isinstance(loaded, list):
        numbers = [_number(name) for name in images or ()]
        if images and all(number is not None and 1 <= number <= len(loaded) for number in numbers):
            chosen = [loaded[number - 1] for number in numbers if number is not None]
        elif len(loaded) == rows:
            chosen = loaded
        else:
            raise Refusal(f"{path} has {len(loaded):,} entries, and there are {rows:,} predictions", _LABELS)
    else:
        raise Refusal(f"{path} holds neither a list nor an object", _LABELS)
    return [label if isinstance(label, list) else [label] for label in chosen]


_LABELS = "It is a list with one entry an image: a class, or the list of its acceptable classes (as ReaL's real.json)."


def _number(name: str) -> int | None:
    found = re.search(r"_(\d{8})$", Path(name).stem)
    return int(found[1]) if found else None
