"""The flat folder: the kit's own order of classes, in every form in which it comes, and the sorted one refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from zoodiff.accuracy.imagenet import synsets
from zoodiff.datasets import ilsvrc
from zoodiff.fault import Refusal
from zoodiff.validation import dataset

Picture = Callable[[int], bytes]
KIT = tuple(np.random.default_rng(0).permutation(synsets()).tolist())
"""an order of classes that is not sorted, as the kit's is not"""


@pytest.fixture
def folder(tmp_path: Path, picture: Picture) -> Path:
    """Three images, of classes 5, 1 and 1000 of the kit's list."""
    val = tmp_path / "val"
    val.mkdir()
    for number in (1, 2, 3):
        (val / f"ILSVRC2012_val_{number:08}.JPEG").write_bytes(picture(number))
    (val / ilsvrc.TRUTH).write_text("5\n1\n1000\n")
    return val


def lists() -> dict[str, str]:
    numbered = [f"{at} {wnid}" for at, wnid in enumerate(KIT, 1)]
    return {
        "ILSVRC2012_mapping.txt": "\n".join(reversed(numbered)),
        "map_clsloc.txt": "\n".join(f"{wnid} {at} name_{at}" for at, wnid in enumerate(KIT, 1)),
        "synsets.txt": "\n".join(KIT) + "\n",
    }


@pytest.mark.parametrize("name", lists())
@pytest.mark.parametrize("place", [".", "..", "../data"])
def test_labels_are_the_kits(folder: Path, name: str, place: str, shown: Callable[..., object]) -> None:
    (folder / place).mkdir(exist_ok=True)
    (folder / place / name).write_text(lists()[name])
    assert shown(folder) == {
        "ILSVRC2012_val_00000001.JPEG": (KIT[4], 1),
        "ILSVRC2012_val_00000002.JPEG": (KIT[0], 2),
        "ILSVRC2012_val_00000003.JPEG": (KIT[999], 3),
    }


def test_the_kits_table(folder: Path) -> None:
    """`meta.mat` holds one struct a synset, the inner ones (ids above 1000) too."""
    kinds = [("ILSVRC2012_ID", object), ("WNID", object), ("words", object)]
    rows = np.array([(at, wnid, "words") for at, wnid in enumerate([*KIT, "n00000001"], 1)], kinds)
    savemat(folder / "meta.mat", {"synsets": rows.reshape(-1, 1)})
    assert list(dataset.open(folder).labels) == [KIT[4], KIT[0], KIT[999]]
    (folder / "meta.mat").write_bytes((folder / "meta.mat").read_bytes()[:700])
    with pytest.raises(Refusal, match=r"is not the development kit's meta\.mat"):
        dataset.open(folder)


def test_a_part_of_the_images_keeps_its_numbers(folder: Path) -> None:
    (folder / "synsets.txt").write_text(lists()["synsets.txt"])
    (folder / "ILSVRC2012_val_00000002.JPEG").unlink()
    assert list(dataset.open(folder).labels) == [KIT[4], KIT[999]]


def test_what_is_missing_is_said(folder: Path) -> None:
    with pytest.raises(Refusal, match=r"not that of WordNet ids.*no list"):
        dataset.open(folder)
    (folder / "synsets.txt").write_text("\n".join(synsets()))
    with pytest.raises(Refusal, match="sorted by WordNet id: that is not the development kit's order"):
        dataset.open(folder)
    (folder / "synsets.txt").write_text("\n".join(KIT[:999]))
    with pytest.raises(Refusal, match="does not list ImageNet's 1,000 classes"):
        dataset.open(folder)
    (folder / ilsvrc.TRUTH).write_text("5\n1\n")
    (folder / "synsets.txt").write_text(lists()["synsets.txt"])
    with pytest.raises(Refusal, match=r"2 lines, and .* image number 3"):
        dataset.open(folder)
    (folder / ilsvrc.TRUTH).write_text("5\n0\n1\n")
    with pytest.raises(Refusal, match="number from 1 to 1000"):
        dataset.open(folder)
    (folder / ilsvrc.TRUTH).unlink()
    with pytest.raises(Refusal, match=r"ILSVRC2012_validation_ground_truth\.txt is missing"):
        dataset.open(folder)
    (folder / "val.txt").write_text("ILSVRC2012_val_00000001.JPEG 65\n")
    assert dataset.open(folder).layout == "csv-index"
