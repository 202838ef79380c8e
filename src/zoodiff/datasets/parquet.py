"""Hugging Face Parquet: tables with a column `image` (bytes and path) and a column `label`.

One file, or a folder of them. The column of images may also be `img` or `jpg`, and may hold plain bytes; that of labels
`labels`, `cls`, `fine_label` or `class`. Names of classes in the file's metadata state how many there are. Images are
read by row group, of which the last few are kept: a random order reads a group for nearly every image.

Order: files by name, then rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from zoodiff.fault import Refusal
from zoodiff.validation.dataset import IMAGE_BYTES, IMAGES, Dataset, Label

if TYPE_CHECKING:
    import pyarrow as pa

IMAGE = ("image", "img", "jpg")
LABEL = ("label", "labels", "cls", "fine_label", "class")
GROUPS = 4
"""row groups that are kept: as many as threads may be reading in, at about 100 images each"""
GROUP_BYTES = 2 << 30
"""the most that one row group may take, unpacked"""


def sniff(path: Path) -> bool:
    """A Parquet file, or a folder of them."""
    files = _files(path)
    if not files:
        return False
    with files[0].open("rb") as file:
        return file.read(4) == b"PAR1"


def find(path: Path) -> Dataset:
    """Read the labels; the images stay in their files."""
    labels: list[Label] = []
    rows: list[tuple[Path, int, int]] = []
    names: tuple[str, ...] = ()
    for file in _files(path):
        _, label, stated = _columns(file)
        names = names or stated
        labels += ["" if value is None else value for value in _values(file, label)]
        rows += [(file, group, row) for group, count in _groups(file) for row in range(count)]
    if len(labels) != len(rows):
        raise Refusal(f"{str(path)!r} holds {len(labels):,} labels and {len(rows):,} rows", "It is damaged.")
    lock, images = Lock(), lru_cache(GROUPS)(_images)

    def read(at: int) -> bytes:
        file, group, row = rows[at]
        with lock:
            column = images(file, group)
        return _bytes(column[row].as_py())

    identities = [f"{file.name}#{group}.{row}" for file, group, row in rows]
    return Dataset("parquet", path, identities, labels, read, names=names)


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(file for file in path.glob("*.parquet") if file.is_file())
    return [path] if path.is_file() and path.suffix == ".parquet" else []


def _open(file: Path) -> Any:
    from pyarrow import ArrowException
    from pyarrow.parquet import ParquetFile

    try:
        return ParquetFile(file)
    except (ArrowException, OSError, ValueError) as error:  # names that are no text, too
        raise Refusal(f"the table {str(file)!r} cannot be read: {error}", "Is it whole?") from None


def _columns(file: Path) -> tuple[str, str, tuple[str, ...]]:
    """The columns of images and labels, and the names of classes that the metadata state."""
    schema = _open(file).schema_arrow
    image = next((name for name in IMAGE if name in schema.names), None)
    label = next((name for name in LABEL if name in schema.names), None)
    if image is None or label is None:
        raise Refusal(
            f"the table {str(file)!r} has no column {'image' if image is None else 'label'}: {schema.names}",
            "Its columns must be image and label, as in data sets for classification.",
        )
    try:
        told = json.loads((schema.metadata or {}).get(b"huggingface", b"{}"))
        return image, label, tuple(map(str, told["info"]["features"][label]["names"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return image, label, ()


def _values(file: Path, column: str) -> list[Any]:
    from pyarrow import ArrowException

    table = _open(file)
    if table.metadata.num_rows > IMAGES:  # a few bytes can stand for any number of equal labels
        raise Refusal(f"{str(file)!r} has {table.metadata.num_rows:,} rows; at most {IMAGES:,} are read")
    try:
        values: list[Any] = table.read(columns=[column]).column(0).to_pylist()
    except (ArrowException, OSError, ValueError) as error:  # names that are no text, too
        raise Refusal(f"the labels in {str(file)!r} cannot be read: {error}", "Is it whole?") from None
    if any(not isinstance(value, int | str | None) for value in values):
        raise Refusal(f"the column {column!r} of {str(file)!r} holds no labels of one class each")
    return values


def _groups(file: Path) -> Iterator[tuple[int, int]]:
    """Number and rows of each row group whose images can be held in memory."""
    metadata = _open(file).metadata
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        size = group.total_byte_size  # asked for a damaged column's, pyarrow 26.0 ends the process
        if size > GROUP_BYTES:
            raise Refusal(f"row group {number} of {str(file)!r} holds {size:,} bytes", "Write smaller ones.")
        yield number, group.num_rows


def _images(file: Path, group: int) -> pa.ChunkedArray:
    from pyarrow import ArrowException

    image, _, _ = _columns(file)
    try:
        return _open(file).read_row_group(group, columns=[image]).column(0)
    except ArrowException as error:
        raise ValueError(f"its row group cannot be read: {error}") from None


def _bytes(value: Any) -> bytes:
    """The image's file, from a cell."""
    data = value.get("bytes") if isinstance(value, dict) else value
    if not isinstance(data, bytes):
        raise ValueError("its cell holds no bytes (a path alone is not followed)")
    if len(data) > IMAGE_BYTES:
        raise ValueError(f"it is larger than {IMAGE_BYTES:,} bytes")
    return data
