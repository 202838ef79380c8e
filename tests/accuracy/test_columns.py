"""Files are read as they are: nothing is unpickled, unpacked without bound or guessed."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from zoodiff.accuracy import columns
from zoodiff.fault import Refusal


def test_columns_by_name(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", top1=[1], anything=[2.5])
    assert {name: array.tolist() for name, array in columns.read(tmp_path / "a.npz").items()} == {
        "top1": [1],
        "anything": [2.5],
    }
    (tmp_path / "a.csv").write_text('image,label,top5,note\n"a, b.jpg",7,"[1, 2]",\n\n')
    read = columns.read(tmp_path / "a.csv")
    assert read == {"image": ["a, b.jpg"], "label": ["7"], "top5": [["1", "2"]], "note": [""]}
    (tmp_path / "a.csv").write_text("label,top1,label\n1,2,3\n")
    with pytest.raises(Refusal, match="two columns 'label'"):
        columns.read(tmp_path / "a.csv")


def test_nothing_is_unpickled(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (Path.touch, (tmp_path / "ran",))  # type: ignore[return-value]

    np.savez(tmp_path / "a.npz", top1=np.array([Bomb()], dtype=object))
    (tmp_path / "b.npz").write_bytes(pickle.dumps(Bomb()))
    for name in ("a.npz", "b.npz"):
        with pytest.raises(Refusal):
            columns.read(tmp_path / name)
    assert not (tmp_path / "ran").exists()


def test_what_unpacks_without_bound_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.savez_compressed(tmp_path / "a.npz", top1=np.zeros(100_000, dtype=np.int64))
    monkeypatch.setattr(columns, "_LARGEST", 100_000)
    with pytest.raises(Refusal, match="too large"):
        columns.read(tmp_path / "a.npz")


LABELS = {
    "no JSON": ("{", None, 1, "is no JSON"),
    "a number": ("3", None, 1, "neither a list nor an object"),
    "by name, without names": ('{"a.jpg": 1}', None, 1, "name no images"),
    "an unknown name": ('{"a.jpg": 1}', ["b.jpg"], 1, "no labels of 'b.jpg'"),
    "too short": ("[1, 2]", None, 3, "has 2 entries, and there are 3 predictions"),
    "a number beyond": ("[1, 2]", ["ILSVRC2012_val_00000007.JPEG"], 1, "has 2 entries"),
}


@pytest.mark.parametrize("kind", LABELS)
def test_label_sets_that_do_not_fit(tmp_path: Path, kind: str) -> None:
    written, images, rows, message = LABELS[kind]
    (tmp_path / "real.json").write_text(written)
    with pytest.raises(Refusal, match=message):
        columns.labels(tmp_path / "real.json", images, rows)
    with pytest.raises(Refusal, match="no file"):
        columns.labels(tmp_path / "none.json", images, rows)


def test_label_sets_are_looked_up_by_number_or_name(tmp_path: Path) -> None:
    path = tmp_path / "real.json"
    path.write_text(json.dumps([[1], [], [2, 3]]))
    assert columns.labels(path, None, 3) == [[1], [], [2, 3]]
    numbers = [f"x/ILSVRC2012_val_0000000{n}.JPEG" for n in (3, 1)]
    assert columns.labels(path, numbers, 2) == [[2, 3], [1]]
    path.write_text(json.dumps({"a.JPEG": 5, "b.JPEG": [6]}))
    assert columns.labels(path, ["d/b.jpg", "a.png"], 2) == [[6], [5]]
