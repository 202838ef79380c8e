"""Predictions are read from three kinds of files alike, counted exactly, and refused where rows are at odds."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from zoodiff.accuracy.classes import CLASSES
from zoodiff.accuracy.predictions import Predictions
from zoodiff.fault import Refusal

TOP = [[3, 1, 2, 7, 9], [0, 999, 5, 6, 8], [4, 5, 6, 7, 8]]
LABELS = [1, 0, 9]


def npz(folder: Path, **arrays: Any) -> Path:
    np.savez(folder / "p.npz", **arrays)
    return folder / "p.npz"


def text(folder: Path, written: str, name: str = "p.csv") -> Path:
    (folder / name).write_text(written)
    return folder / name


def parquet(folder: Path, **columns: Any) -> Path:
    pq.write_table(pa.table(columns), folder / "p.parquet")
    return folder / "p.parquet"


def rows(form: Callable[[list[int]], str]) -> str:
    return "".join(f'{label},"{form(top)}"\n' for top, label in zip(TOP, LABELS, strict=True))


FILES = {
    "npz": lambda folder: npz(folder, top5=np.array(TOP, dtype=np.int16), labels=LABELS),
    "npz of floats": lambda folder: npz(folder, top5=np.array(TOP, dtype=np.float32), labels=LABELS),
    "parquet": lambda folder: parquet(folder, label=LABELS, top5=TOP),
    "csv, spaces": lambda folder: text(folder, "label,top5\n" + rows(lambda top: " ".join(map(str, top)))),
    "csv, brackets": lambda folder: text(folder, "label,top5\n" + rows(str)),
    "csv, numpy": lambda folder: text(folder, "label,top5\n" + rows(lambda top: str(np.array(top)))),
    "csv, semicolons": lambda folder: text(folder, "label,top5\n" + rows(lambda top: ";".join(map(str, top)))),
    "csv with a mark": lambda folder: text(folder, "\ufefflabel,top5\n" + rows(str)),
    "csv, five columns": lambda folder: text(
        folder,
        "label,top1,top2,top3,top4,top5\n"
        + "".join(f"{label},{','.join(map(str, top))}\n" for top, label in zip(TOP, LABELS, strict=True)),
    ),
    "csv, both": lambda folder: text(
        folder,
        "label,top5,top1\n" + "".join(f'{label},"{top}",{top[0]}\n' for top, label in zip(TOP, LABELS, strict=True)),
    ),
}


@pytest.mark.parametrize("kind", FILES)
def test_all_files_say_the_same(tmp_path: Path, kind: str) -> None:
    read = Predictions.read(FILES[kind](tmp_path))
    assert read.top.tolist() == TOP
    assert read.labels.tolist() == [[label] for label in LABELS]
    assert (read.images, read.left_out) == (None, 0)
    assert read.hits(1).tolist() == [False, True, False]
    assert read.hits(5).tolist() == [True, True, False]


def test_one_class_an_image(tmp_path: Path) -> None:
    files = [
        npz(tmp_path, top1=[3, 1], labels=[3, 2], images=["a", "b"]),
        text(tmp_path, "image,top1,label\na,3,3\nb,1,2\n"),
        parquet(tmp_path, image=["a", "b"], top1=[3, 1], label=[3, 2]),
    ]
    for file in files:
        read = Predictions.read(file)
        assert (read.hits(1).tolist(), read.images) == ([True, False], ("a", "b"))
        with pytest.raises(Refusal, match="1 classes an image, and acc@5 needs 5"):
            read.hits(5)


@pytest.mark.parametrize("write", [
    lambda folder: npz(folder, top1=[3, 1, 5], labels=[[3, 4], [2, -1], [-1, -1]], images=["a", "b", "c"]),
    lambda folder: text(folder, 'image,top1,label\na,3,"[4, 3]"\nb,1,[2]\nc,5,[]\n'),
    lambda folder: text(folder, "image,top1,label\na,3,3 4\nb,1,2\nc,5,\n"),
    lambda folder: parquet(folder, image=["a", "b", "c"], top1=[3, 1, 5], label=[[3, 4], [2], []]),
])  # fmt: skip
def test_several_acceptable_classes(tmp_path: Path, write: Callable[[Path], Path]) -> None:
    """An image without any is left out and counted."""
    read = Predictions.read(write(tmp_path))
    assert (read.hits(1).tolist(), read.left_out, read.images) == ([True, False], 1, ("a", "b"))


def test_another_label_set(tmp_path: Path) -> None:
    """ReaL's file is in the order of the validation set's numbers; images that are named are looked up in it."""
    real = text(tmp_path, json.dumps([[7], [], [3, 4]]), "real.json")
    names = [f"val/ILSVRC2012_val_{number:08}.JPEG" for number in (3, 2, 1)]
    read = Predictions.read(npz(tmp_path, top1=[4, 5, 6], labels=[0, 0, 0], images=names), real)
    assert (read.hits(1).tolist(), read.left_out, read.images) == ([True, False], 1, (names[0], names[2]))
    in_order = Predictions.read(npz(tmp_path, top1=[7, 5, 6]), real)
    assert (in_order.hits(1).tolist(), in_order.left_out) == ([True, False], 1)
    by_name = text(tmp_path, json.dumps({"b.jpg": 2, "a.jpg": [1, 3]}), "real.json")
    assert Predictions.read(npz(tmp_path, top1=[3, 9], images=["a.png", "b.png"]), by_name).hits(1).tolist() == [1, 0]


def test_wordnet_ids_where_all_are_there(tmp_path: Path) -> None:
    ids = [f"n{10_000_000 + 7 * index}" for index in range(CLASSES)]
    order = np.random.default_rng(0).permutation(CLASSES)
    read = Predictions.read(npz(tmp_path, top1=order, labels=[ids[index] for index in order]))
    assert read.hits(1).all()
    both = Predictions.read(npz(tmp_path, top1=[ids[i] for i in order], labels=[ids[i] for i in order]))
    assert both.top[:, 0].tolist() == order.tolist()


def test_an_answer_outside_the_classes_is_never_right(tmp_path: Path) -> None:
    """A network with a class `background`, whose answers had 1 subtracted; -1 also fills up label sets."""
    read = Predictions.read(npz(tmp_path, top1=[-1, 2], labels=[[3, -1], [2, 4]]))
    assert read.hits(1).tolist() == [False, True]


BAD = {
    "no top": (lambda f: npz(f, scores=[1], labels=[1]), "neither top5 nor top1: it holds 'scores', 'labels'"),
    "no labels": (lambda f: npz(f, top1=[1]), "has no labels"),
    "lengths": (lambda f: npz(f, top1=[1, 2, 3], labels=[1, 2]), "3 rows of predictions and 2 labels"),
    "images": (lambda f: npz(f, top1=[1, 2], labels=[1, 2], images=["a"]), "2 rows of predictions and 1 names"),
    "image twice": (lambda f: npz(f, top1=[1, 2], labels=[1, 2], images=["a", "a"]), "image 'a' stands twice"),
    "no rows": (lambda f: npz(f, top5=np.zeros((0, 5), int), labels=np.zeros(0, int)), "has no rows"),
    "wordnet ids": (lambda f: npz(f, top1=[1], labels=["n01440764"]), "only 1 of the 1,000"),
    "words": (lambda f: npz(f, top1=[1], labels=["tench"]), "'tench', which is no number"),
    "objects": (lambda f: npz(f, top1=[1], labels=np.array([[1, 2]], dtype=object)), "Python objects"),
    "no npz": (lambda f: text(f, "nonsense", "p.npz"), "cannot be read"),
    "no parquet": (lambda f: text(f, "nonsense", "p.parquet"), "cannot be read"),
    "empty values": (lambda f: parquet(f, top1=[1, None], label=[1, 2]), "1 empty values in 'top1'"),
    "empty csv": (lambda f: text(f, ""), "is empty"),
    "only a head": (lambda f: text(f, "label,top1\n"), "has no rows"),
    "unquoted list": (lambda f: text(f, "label,top5\n1,1,2,3,4,5\n"), "line 2: 6 cells, and the head has 2"),
    "ragged": (lambda f: text(f, "label,top5\n1,1 2\n2,3\n"), "line 3: 1 classes in top5, and 2 before"),
    "ragged parquet": (lambda f: parquet(f, label=[1, 2], top5=[[1, 2], [3]]), "top5 has rows of different lengths"),
    "no label": (lambda f: text(f, "label,top1\n1,2\n,3\n"), "line 3 has no label"),
    "one class as five": (lambda f: npz(f, top5=[1, 2], labels=[1, 2]), "top5 has one class an image"),
    "a gap": (lambda f: text(f, "label,top1,top5\n1,1,5\n"), "top5 has one class an image"),
    "both differ": (lambda f: npz(f, top1=[1, 3], top5=[[1, 2], [2, 1]], labels=[1, 2]), "differ"),
    "another kind": (lambda f: text(f, "{}", "p.json"), "is no kind of file"),
    "missing": (lambda f: f / "none.csv", "no file"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD)
def test_what_does_not_belong_together_is_refused(tmp_path: Path, kind: str) -> None:
    write, message = BAD[kind]
    with pytest.raises(Refusal) as refused:
        Predictions.read(write(tmp_path))
    assert message in refused.value.message


ARRAYS = st.one_of(
    hnp.arrays(kind, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3))
    for kind in (np.int64, np.uint64, np.float32, np.complex64, bool, "U9", "S3", "M8[D]")
)


@settings(deadline=None, max_examples=300)
@given(st.dictionaries(st.sampled_from(["top1", "top5", "labels", "label", "images"]), ARRAYS))
def test_whatever_a_file_holds_it_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, held: dict) -> None:
    path = npz(tmp_path_factory.getbasetemp(), **held)
    try:
        read = Predictions.read(path)
    except Refusal:
        return
    assert len(read.hits(1)) == len(read) > 0


@settings(deadline=None)
@given(st.data())
def test_hits_are_those_of_a_plain_loop(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 20))
    ranked = st.lists(st.integers(0, 11), min_size=5, max_size=5, unique=True)
    top = data.draw(st.lists(ranked, min_size=count, max_size=count))
    labels = data.draw(st.lists(st.sets(st.integers(0, 11), min_size=1), min_size=count, max_size=count))
    made = Predictions.of(top, [sorted(some) for some in labels])
    for k in (1, 2, 5):
        assert made.hits(k).tolist() == [bool(set(one[:k]) & right) for one, right in zip(top, labels, strict=True)]
