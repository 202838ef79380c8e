"""`verify` puts predictions to the test as its options say, and says what it needs."""

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
    made = answered(38_000, among_five=46_000)
    np.savez(tmp_path / "p.npz", top5=made.top, labels=made.labels[:, 0])
    return tmp_path / "p.npz"


def test_the_document(cli: Cli, zoos: None, file: Path) -> None:
    ran = cli("verify", "alpha:resnet50_v1", "--predictions", file, "--json")
    assert (ran.code, ran.err) == (0, "")
    told = json.loads(ran.out)
    assert (told["format"], told["kind"], told["metric"]) == (1, "verification", "acc@1")
    assert told["claim"]["value"] == "76.130"
    assert told["claim"]["true_of"] == {"least": 38_065, "most": 38_065, "of": 50_000}
    measured = told["measured"]
    assert (measured["value"], measured["correct"], measured["n"]) == ("76.000", 38_000, 50_000)
    assert (measured["level"], measured["ci"]) == (0.95, ["75.623", "76.374"])
    assert (told["verdict"], told["p_value"], told["images_used"]) == ("undecided", 0, 50_000)
    assert [reason["what"] for reason in told["attribution"]] == ["weights", "preprocessing"]
    assert told["against"] is None


def test_options(cli: Cli, zoos: None, file: Path) -> None:
    given = ("verify", "alpha:resnet50_v1", "--predictions", file)
    assert "refuted" in cli(*given, "--established").out
    assert "holds" in cli(*given, "--margin", "0.2").out
    assert "holds" in cli(*given, "--claim", "76.0").out
    assert "46,000" in cli(*given, "--metric", "acc@5").out
    assert [cli(*given, "--strict").code, cli(*given, "--strict", "--claim", "76.0").code] == [1, 0]


def test_other_labels(cli: Cli, zoos: None, file: Path, tmp_path: Path) -> None:
    labels = answered(38_000).labels.tolist()
    (tmp_path / "real.json").write_text(json.dumps([*labels[:-1], []]))
    ran = cli("verify", "alpha:resnet50_v1", "--predictions", file, "--labels", tmp_path / "real.json")
    assert "1 images without an acceptable class" in ran.out
    assert "this says nothing of the claim" in " ".join(ran.out.split())


def test_without_predictions_it_says_what_is_needed(cli: Cli, zoos: None) -> None:
    ran = cli("verify", "alpha:resnet50_v1")
    assert (ran.code, ran.out) == (2, "")
    assert "--predictions F" in ran.err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--predictions", "p.npz", "--data", "pictures"), "not both"),
        (
            ("--predictions", "p.npz", "--budget", "5", "--download"),
            "--download, --budget can only be given with --data",
        ),
        (("--data", "pictures", "--established"), "--established can only be given with --predictions"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_options_that_do_not_go_together_are_refused(cli: Cli, options: tuple[str, ...], words: str) -> None:
    ran = cli("verify", "alpha:resnet50_v1", *options)
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err
