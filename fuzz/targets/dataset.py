"""Folders and files of labelled images: indices, tables, archives and the development kit's lists."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Sequence
from contextlib import suppress
from random import Random

import mutate
from targets._folder import fresh, joined, parts
from zoodiff.fault import Refusal
from zoodiff.validation import dataset

_WORDS = (
    "",
    "../x",
    "/etc/passwd",
    "n01440764",
    "7",
    "-1",
    "9" * 400,
    "é",
    "\x00",
    ",",
    "\t",
    '"',
    "a/b/c",
    "C:x",
    "val",
)
_NAMES = ("index.csv", "val.txt", "a.parquet", "a.tar", "a/1.png", "1.png", "ILSVRC2012_val_00000001.JPEG", "meta.mat")


def seeds() -> list[bytes]:
    """A folder of each layout."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table, tar = io.BytesIO(), io.BytesIO()
    pq.write_table(pa.table({"image": [{"bytes": b"x", "path": "a.png"}] * 3, "label": [0, 1, 2]}), table)
    with tarfile.open(fileobj=tar, mode="w") as archive:
        for name, data in (("a.png", b"x"), ("a.cls", b"3"), ("b.png", b"y"), ("b.json", b'{"label": 1}')):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    truth = {"ILSVRC2012_val_00000001.JPEG": b"x", "ILSVRC2012_validation_ground_truth.txt": b"1\n2\n"}
    folders = [
        {"index.csv": b"file,label\na.png,0\nb.png,1\n", "a.png": b"x"},
        {"val.txt": b"a.JPEG 0\nb.JPEG 1\n"},
        {"a/1.png": b"x", "b/2.png": b"y"},
        {"a.parquet": table.getvalue()},
        {"a.tar": tar.getvalue()},
        {**truth, "map_clsloc.txt": b"n01440764 1 tench\nn01443537 2 goldfish\n"},
        {**truth, "meta.mat": b"MATLAB 5.0 MAT-file" + bytes(105) + b"\x00\x01IM" + bytes(80)},
    ]
    return [joined(folder) for folder in folders]


def change(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    """Files changed as bytes or by words, renamed, and mixed with those of other layouts."""
    files = parts(data)
    for _ in range(random.randrange(1, 4)):
        if not files or random.random() < 0.15:
            files |= parts(random.choice(others))
        name = random.choice(list(files))
        if random.random() < 0.15:
            files[random.choice(_NAMES)] = files.pop(name)
        elif random.random() < 0.4:
            pieces = files[name].split(random.choice((b",", b"\n", b" ")))
            pieces[random.randrange(len(pieces))] = random.choice(_WORDS).encode()
            files[name] = random.choice((b",", b"\n", b" ")).join(pieces)
        else:
            files[name] = mutate.flipped(files[name], random)
    return joined(files)


def run(data: bytes) -> None:
    """Found or refused; what is listed is read, or said to be broken; nothing outside of the folder is."""
    folder = fresh("data")
    folder.mkdir()
    for name, content in parts(data).items():
        place = folder / name
        if name in _NAMES or place.suffix in (".txt", ".csv", ".png", ".mat"):  # names that a folder can have
            with suppress(OSError, ValueError):
                dataset.inside(name, folder)
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(content)
    try:
        found = dataset.open(folder)
        dataset.targets(found, 1000)
    except Refusal:
        return
    assert len(found.sha256) == 64
    for at in range(min(3, len(found))):
        with suppress(OSError, ValueError):
            found.read(at)
