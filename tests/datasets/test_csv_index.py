"""Tables of names and labels: columns, separators, Caffe's and Kaggle's forms, and names that lead out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from zoodiff.fault import Refusal
from zoodiff.validation import dataset

Picture = Callable[[int], bytes]


@pytest.mark.parametrize(
    ("name", "text", "labels"),
    [
        ("index.csv", "file,class_index,author\na.png,7,x\nb/c.png,3,\n", ["7", "3"]),
        ("index.csv", "\ufeffauthor;label;image\r\nx;n01440764;a.png\r\ny;n02510455;b/c.png\r\n", ["n01440764"]),
        ("val.txt", "a.png 7\nb/c.png   3\n", ["7", "3"]),
        ("labels.csv", "a.png,7\nb/c.png,3\n", ["7", "3"]),
    ],
)
def test_forms(
    tmp_path: Path, picture: Picture, shown: Callable[..., dict[str, object]], name: str, text: str, labels: list[str]
) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "a.png").write_bytes(picture(1))
    (tmp_path / "b" / "c.png").write_bytes(picture(2))
    (tmp_path / name).write_text(text)
    for path in (tmp_path, tmp_path / name):
        found = shown(path)
        assert list(found) == ["a.png", "b/c.png"]
        assert [grey for _, grey in found.values()] == [1, 2]  # type: ignore[misc, has-type]
        assert next(iter(found.values()))[0] == labels[0]  # type: ignore[index]


def test_kaggles_solution(tmp_path: Path) -> None:
    text = "ImageId,PredictionString\nILSVRC2012_val_00048981,n03995372 85 1 499 272 \n"
    (tmp_path / "LOC_val_solution.csv").write_text(text)
    found = dataset.open(tmp_path)
    assert (list(found.identities), list(found.labels)) == (["ILSVRC2012_val_00048981.JPEG"], ["n03995372"])


@pytest.mark.parametrize("name", ["../a.png", "/a.png", "b/../../a.png", "C:/a.png", "..\\a.png"])
def test_no_name_leads_out(tmp_path: Path, name: str) -> None:
    (tmp_path / "index.csv").write_text(f"file,label\n{name},1\n")
    with pytest.raises(Refusal, match="outside"):
        dataset.open(tmp_path)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("file,author\na.png,x\n", "no column for the label"),
        ("what,label\na.png,1\n", "no column for the image"),
        ("file,label\na.png\n", "row 1 .* no label"),
        ("file,label\na.png,\n", "1 of 1 images .* have no label"),
        ("file,label\na.png,1\na.png,1\n", "lists 'a.png' 2 times"),
        ("file,label\n", "holds no images"),
        ("", "is empty"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "index.csv").write_text(text)
    with pytest.raises(Refusal, match=told):
        dataset.open(tmp_path)


def test_the_photographs(evidence: Path) -> None:
    found = dataset.open(evidence / "photos")
    assert (found.layout, len(found)) == ("csv-index", 240)
    targets = dataset.targets(found, 1001)
    assert (targets.offset, targets.labels[0], targets.classes) == (1, 388, 1000)
    assert "240 images are not the validation set" in dataset.reservation(found, targets.labels)
