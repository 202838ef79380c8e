"""One folder a class: the order, what folders' names mean, and what is no image."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from zoodiff.datasets import imagefolder
from zoodiff.fault import Refusal
from zoodiff.validation import dataset

Picture = Callable[[int], bytes]


def lay(folder: Path, picture: Picture, *names: str) -> Path:
    for grey, name in enumerate(names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(picture(grey))
    return folder


def test_classes_then_images_by_name(tmp_path: Path, picture: Picture, shown: Callable[..., object]) -> None:
    folder = lay(tmp_path, picture, "n02510455/b.JPEG", "n02510455/a.png", "n01440764/z.jpg")
    (folder / "n01440764" / "Thumbs.db").write_bytes(b"x")
    (folder / "n01440764" / ".hidden.jpg").write_bytes(b"x")
    found = dataset.open(folder)
    assert (found.layout, list(found.identities)) == (
        "imagefolder",
        ["n01440764/z.jpg", "n02510455/a.png", "n02510455/b.JPEG"],
    )
    assert "2 files" in found.note
    assert shown(folder) == {
        "n01440764/z.jpg": ("n01440764", 2),
        "n02510455/a.png": ("n02510455", 1),
        "n02510455/b.JPEG": ("n02510455", 0),
    }
    assert dataset.targets(found, 1000).labels.tolist() == [0, 388, 388]
    assert dataset.targets(found, 1001).offset == 1


def test_numbers_mean_themselves_and_not_their_place_among_texts(tmp_path: Path, picture: Picture) -> None:
    found = dataset.open(lay(tmp_path, picture, "10/a.png", "2/a.png", "9/a.png"))
    assert dataset.targets(found, 11).labels.tolist() == [10, 2, 9]


def test_other_names_mean_their_place_and_must_be_as_many_as_outputs(tmp_path: Path, picture: Picture) -> None:
    folder = lay(tmp_path, picture, "cat/a.png", "ant/a.png")
    (folder / "bee").mkdir()
    found = dataset.open(folder)
    assert dataset.targets(found, 3).labels.tolist() == [0, 2]
    with pytest.raises(Refusal, match="has 3 classes, and the model has 10"):
        dataset.targets(found, 10)


def test_a_folder_of_folders_of_images_is_known_and_images_alone_are_not(tmp_path: Path, picture: Picture) -> None:
    assert imagefolder.sniff(lay(tmp_path / "a", picture, "x/a.png"))
    assert not imagefolder.sniff(lay(tmp_path / "b", picture, "a.png"))
    assert not imagefolder.sniff(lay(tmp_path / "c", picture, "val/x/a.png"))
    with pytest.raises(Refusal, match=r"Give '.*c/val'"):
        dataset.open(tmp_path / "c")
