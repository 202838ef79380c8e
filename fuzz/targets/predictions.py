"""Files of predictions and of other labels: .npz, .csv, .parquet and JSON."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from random import Random

import numpy as np

import mutate
from targets._folder import fresh
from zoodiff.accuracy.predictions import Predictions
from zoodiff.fault import Refusal

_TOP, _LABELS = [[3, 1, 4, 15, 9], [2, 6, 5, 35, 8], [9, 7, 93, 2, 38]], [3, 6, 0]
_CELLS = (
    "",
    "-1",
    "1000",
    "3",
    "nan",
    "inf",
    "1e300",
    "9" * 400,
    "n01440764",
    "[1, 2]",
    '"',
    "1;2",
    "é",
    "\x00",
    "None",
)
_HEADERS = (
    b"(3, 5)",
    b"(1099511627776, 5)",
    b"(3, -5)",
    b"()",
    b"(0,)",
    b"(3,)",
    b"(2, 2, 2)",
    b"(" + b"9" * 300 + b",)",
)
_TYPES = (b"<i8", b"|O", b"<f8", b"<U9", b"<M8[s]", b">i2", b"|V4", b"<c16", b"|b1", b"<i99")


def seeds() -> list[bytes]:
    """One of each kind, the first byte says which; labels alone are marked L."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    packed, table = io.BytesIO(), io.BytesIO()
    np.savez(packed, top5=np.array(_TOP), labels=np.array(_LABELS), images=np.array(["a", "b", "c"]))
    pq.write_table(pa.table({"top5": _TOP, "label": _LABELS, "image": ["a", "b", "c"]}), table)
    rows = [f"{i},{' '.join(map(str, top))},{label}" for i, (top, label) in enumerate(zip(_TOP, _LABELS, strict=True))]
    return [
        b"N" + packed.getvalue(),
        b"C" + "\n".join(["image,top5,label", *rows]).encode(),
        b"C" + b"top1,label\n3,3\n4,5\n",
        b"P" + table.getvalue(),
        b"L" + json.dumps([[3], [6, 7], []]).encode(),
        b"L" + json.dumps({"a": 3, "b": [6], "c": 0}).encode(),
    ]


def change(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    """Cells, shapes and types replaced; bytes."""
    kind, data = data[:1], data[1:]
    if kind == b"C" and random.random() < 0.8:
        rows = [line.split(",") for line in data.decode(errors="replace").split("\n")]
        for _ in range(random.randrange(1, 4)):
            row = random.choice(rows)
            row[random.randrange(len(row))] = random.choice(_CELLS)
        return kind + "\n".join(map(",".join, rows)).encode()
    if kind == b"N" and random.random() < 0.8:
        return kind + _array(data, random)
    return kind + mutate.flipped(data, random)


def _array(data: bytes, random: Random) -> bytes:
    """An archive whose arrays state other shapes and types, under other names."""
    out = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
            for name in old.namelist():
                held = old.read(name)
                if random.random() < 0.5:
                    held = held.replace(b"(3, 5)", random.choice(_HEADERS)).replace(b"(3,)", random.choice(_HEADERS))
                if random.random() < 0.3:
                    held = held.replace(b"<i8", random.choice(_TYPES))
                if random.random() < 0.2:
                    held = mutate.flipped(held, random)
                new.writestr(name if random.random() < 0.9 else random.choice(("top1.npy", "x", "../y.npy")), held)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError):
        return mutate.flipped(data, random)
    return out.getvalue()


def run(data: bytes) -> None:
    """Read or refused; what is read can be counted."""
    suffix = {b"N": "npz", b"C": "csv", b"P": "parquet"}.get(data[:1])
    try:
        if suffix:
            path = fresh(f"predictions.{suffix}")
            path.write_bytes(data[1:])
            read = Predictions.read(path)
        else:
            path, labels = fresh("predictions.csv"), fresh("labels.json")
            path.write_bytes(seeds()[1][1:])
            labels.write_bytes(data[1:])
            read = Predictions.read(path, labels)
    except Refusal:
        return
    assert 0 <= read.hits(1).sum() <= len(read)
