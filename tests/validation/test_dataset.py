"""What labels mean to a network, orders, hashes, and data that are not there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from zoodiff.fault import Refusal
from zoodiff.validation import dataset
from zoodiff.validation.dataset import Dataset, Label, reservation, targets


def made(labels: Sequence[Label], names: tuple[str, ...] = ()) -> Dataset:
    return Dataset("made", Path("data"), [str(at) for at in range(len(labels))], labels, lambda _: b"", names=names)


@pytest.mark.parametrize(
    ("labels", "outputs", "offset", "meant", "first"),
    [
        ([0, 999], 1000, None, [0, 999], 0),
        (["0", "999"], 1000, 0, [0, 999], 0),
        ([0, 999], 1001, None, [0, 999], 1),
        ([0, 999], 1001, 1, [0, 999], 1),
        ([1, 1000], 1000, None, [0, 999], 0),
        ([1, 1000], 1001, 1, [0, 999], 1),
        ([3, 1000], 1001, 0, [3, 1000], 0),
        ([1, 2], 1000, None, [1, 2], 0),
        (["n01440764", "n15075141"], 1001, None, [0, 999], 1),
        (["n01440764", "n15075141"], 1000, 0, [0, 999], 0),
        (["b", "a"], 2, None, [1, 0], 0),
        (["b", "a"], 3, None, [1, 0], 1),
    ],
)
def test_labels_count_from_zero_after_the_background(
    labels: list[Label], outputs: int, offset: int | None, meant: list[int], first: int
) -> None:
    found = targets(made(labels), outputs, offset)
    assert (found.labels.tolist(), found.offset, found.classes) == (meant, first, outputs - first)


@pytest.mark.parametrize(
    ("labels", "outputs", "offset", "told"),
    [
        ([0, 1000], 1000, None, "run from 0 to 1000, and the model has 1,000 classes"),
        ([0, 1000], 1001, 1, "1,000 classes .and 1 before them for the background"),
        (["n01440764"], 10, None, "has 1,000 classes, and the model has 10"),
        (["n01440764"], 1000, 1, "and the model has 999"),
        (["n00000000", "n01440764"], 1000, None, "has 2 classes"),
        ([0], 1000, None, ""),
    ],
)
def test_what_does_not_fit_is_refused(labels: list[Label], outputs: int, offset: int | None, told: str) -> None:
    if not told:
        targets(made(labels), outputs, offset)
        return
    with pytest.raises(Refusal, match=told):
        targets(made(labels), outputs, offset)


def test_a_random_order_holds_each_image_once_and_comes_again() -> None:
    found = made(list(range(100)))
    assert found.order(None).tolist() == list(range(100))
    assert sorted(found.order(3).tolist()) == list(range(100))
    assert found.order(3).tolist() == found.order(3).tolist() != found.order(4).tolist()


def test_another_label_is_other_data() -> None:
    assert made([1, 2]).sha256 == made([1, 2]).sha256 != made([2, 1]).sha256


def test_only_the_whole_validation_set_is_the_validation_set() -> None:
    labels = np.repeat(np.arange(1000), 50)
    assert reservation(made(labels.tolist()), labels) == ""
    labels[0] = 1
    assert "not the validation set" in reservation(made(labels.tolist()), labels)
    assert "240 images" in reservation(made([0] * 240), np.zeros(240, np.int64))


def test_data_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="there is no"):
        dataset.open(tmp_path / "nowhere")
    with pytest.raises(Refusal, match="is empty"):
        dataset.open(tmp_path)
    (tmp_path / "a.jpg").touch()
    with pytest.raises(Refusal, match="1 images and nothing that says what is on them"):
        dataset.open(tmp_path)
    (tmp_path / "a.jpg").rename(tmp_path / "a.xyz")
    with pytest.raises(Refusal, match="no layout"):
        dataset.open(tmp_path)
    (tmp_path / "n01440764").mkdir()
    with pytest.raises(Refusal, match=r"has 1 folders and no images in them\n.*\.jpg"):
        dataset.open(tmp_path)


def test_a_folder_that_may_not_be_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied", str(tmp_path / "inner"))

    (tmp_path / "inner").mkdir()
    monkeypatch.setattr(dataset.os, "scandir", denied)
    with pytest.raises(Refusal, match=r"cannot read '.*inner': Permission denied"):
        dataset.open(tmp_path)


def test_names_in_no_known_alphabet_have_a_hash() -> None:
    found = Dataset("made", Path("data"), ["caf\udce9.jpg"], [0], lambda _: b"")
    assert len(found.sha256) == 64
