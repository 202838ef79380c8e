"""Tables as Hugging Face lays them out: structs of bytes and path, names of classes, several row groups and files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from zoodiff.fault import Refusal
from zoodiff.validation import dataset

Picture = Callable[[int], bytes]


def table(path: Path, images: list[Any], labels: list[Any], names: list[str] | None = None, rows: int = 2) -> None:
    made = pa.table({"image": images, "label": labels, "more": ["x"] * len(labels)})
    if names:
        told = {"info": {"features": {"label": {"names": names, "_type": "ClassLabel"}}}}
        made = made.replace_schema_metadata({"huggingface": json.dumps(told)})
    pq.write_table(made, path, row_group_size=rows)


def test_files_groups_and_rows(tmp_path: Path, picture: Picture, shown: Callable[..., object]) -> None:
    structs = [{"bytes": picture(grey), "path": f"{grey}.jpg"} for grey in range(5)]
    table(tmp_path / "val-1.parquet", structs[3:], [2, 0])
    table(tmp_path / "val-0.parquet", structs[:3], [0, 1, 2], ["ant", "bee", "cat"])
    assert shown(tmp_path) == {
        "val-0.parquet#0.0": (0, 0),
        "val-0.parquet#0.1": (1, 1),
        "val-0.parquet#1.0": (2, 2),
        "val-1.parquet#0.0": (2, 3),
        "val-1.parquet#0.1": (0, 4),
    }
    found = dataset.open(tmp_path)
    assert dataset.targets(found, 3).labels.tolist() == [0, 1, 2, 2, 0]
    with pytest.raises(Refusal, match="has 3 classes, and the model has 1,000"):
        dataset.targets(found, 1000)


def test_plain_bytes_and_what_cannot_be_read(tmp_path: Path, picture: Picture, shown: Callable[..., object]) -> None:
    path = tmp_path / "a.parquet"
    table(path, [picture(7), picture(8)], ["n01440764", "n02510455"])
    assert shown(path) == {"a.parquet#0.0": ("n01440764", 7), "a.parquet#0.1": ("n02510455", 8)}
    table(path, [{"bytes": None, "path": "elsewhere.jpg"}], [1])
    with pytest.raises(ValueError, match="a path alone is not followed"):
        dataset.open(path).read(0)
    table(path, [picture(1)], [-1])
    with pytest.raises(Refusal, match="have no label"):
        dataset.open(path)
    table(path, [picture(1)], [None])
    with pytest.raises(Refusal, match="have no label"):
        dataset.open(path)
    table(path, [picture(1)], [[1, 2]])
    with pytest.raises(Refusal, match="no labels of one class"):
        dataset.open(path)
    pq.write_table(pa.table({"image": [picture(1)]}), path)
    with pytest.raises(Refusal, match="no column label"):
        dataset.open(path)
    path.write_bytes(b"PAR1" + bytes(50))
    with pytest.raises(Refusal, match="cannot be read"):
        dataset.open(path)
