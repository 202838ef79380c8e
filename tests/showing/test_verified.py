"""A verdict is said in full, with what the numbers leave open, and where two models part class by class."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from answered import answered
from madeup import Ran

Cli = Callable[..., Ran]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Answers to the whole validation set, 38,000 of them right."""
    made = answered(38_000)
    np.savez(tmp_path / "p.npz", top5=made.top, labels=made.labels[:, 0])
    return tmp_path / "p.npz"


def test_what_a_person_reads(cli: Cli, zoos: None, file: Path) -> None:
    ran = cli("verify", "alpha:resnet50_v1", "--predictions", file, "--against", file)
    text = " ".join(ran.out.split())
    for words in (
        "76.130 % of w1, 2022-05-01: owner/zoo@0123456789ab README.md:7",
        "undecided: 38,000 of all 50,000 images are right, 76.000 %, 0.130 points below the claim of 76.130; but",
        "exact: all images of the validation set were seen",
        "75.62 to 76.37 % at a level of 95%",
        "38,000 of 50,000; neither 12,000",
        "p = 1 (McNemar, exact)",
    ):
        assert words in text
    assert max(map(len, ran.out.splitlines())) <= 100


def test_classes_at_which_two_models_part_are_named(cli: Cli, zoos: None, file: Path, tmp_path: Path) -> None:
    made = answered(38_000)
    right = np.flatnonzero((made.top[:, 0] == made.labels[:, 0]) & (made.labels[:, 0] == 388))
    top = made.top[:, 0].copy()
    top[right[:2]] = 0
    np.savez(tmp_path / "other.npz", top1=top, labels=made.labels[:, 0])
    given = ("verify", "alpha:resnet50_v1", "--predictions", file, "--against", tmp_path / "other.npz")
    assert "giant panda (n02510455)" in cli(*given).out
    [gap] = json.loads(cli(*given, "--json").out)["against"]["classes"]
    assert (gap["class"], gap["wnid"], gap["name"], gap["first"] - gap["second"]) == (
        388,
        "n02510455",
        "giant panda",
        2,
    )


def test_a_sample_says_what_it_allows_of_all_images(cli: Cli, zoos: None, tmp_path: Path) -> None:
    made = answered(3_800, images=5_000)
    np.savez(tmp_path / "few.npz", top5=made.top, labels=made.labels[:, 0])
    text = " ".join(cli("verify", "alpha:resnet50_v1", "--predictions", tmp_path / "few.npz").out.split())
    assert "76.000 %: 3,800 of 5,000 in" in text
    assert "exact: all images" not in text
