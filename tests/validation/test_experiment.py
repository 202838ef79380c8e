"""Claims tested by running: which record counts, what is established, early stops, and a miss that is explained."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from madeup import Ran, claimed, own_home, write_snapshot
from pictures import THOUSAND, album, painter, picture
from zoodiff.accuracy.verdict import GROUNDS
from zoodiff.fault import Refusal
from zoodiff.reading import reference
from zoodiff.record import Model, Preprocessing, Weights
from zoodiff.validation import dataset, experiment
from zoodiff.validation.running import load

STATED = Preprocessing(
    resize=(8, 8), interpolation="bilinear", antialias=True, channel_order="RGB", layout="NCHW", scale=(-1, 1)
)


@pytest.fixture
def studio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A zoo with the painter and its claims, the painter's file, and pictures."""
    monkeypatch.setenv("ZOODIFF_CACHE", str(tmp_path / "cache"))
    path = painter(tmp_path / "painter.onnx")
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    with own_home(tmp_path / "home"):
        models = []
        for name, prepared, value in (
            ("painter", STATED, "100.00"),
            ("boaster", STATED, "100.00"),
            ("turned", msgspec.structs.replace(STATED, channel_order="BGR"), "100.00"),
        ):
            weights = Weights("w1", default=True, preprocessing=prepared, sha256=sha256 if name == "painter" else None)
            models.append(Model(name, (weights,), claims=(claimed(name, "acc@1", value, "w1"),)))
        write_snapshot("studio", "1.0", tuple(models), {})
        yield tmp_path


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return album(tmp_path / "data", each=16)


def test_a_file_of_a_known_hash_needs_no_name(studio: Path, data: Path, cli: Callable[..., Ran]) -> None:
    (studio / "painter.onnx").rename(studio / "x.onnx")
    found = experiment.experiment(studio / "x.onnx", data)
    assert found.verification.network.ref == "studio:painter/w1"
    assert found.verification.trial.correct == 96
    assert (found.verification.verdict, found.searched) == ("undecided", None)
    assert "96 images are not the validation set" in found.reservation
    assert experiment.established(found.run, found.verification.network, "") == ("weights", "preprocessing", "images")
    assert experiment.established(found.run, reference.find("studio:boaster"), "few") == ("preprocessing",)
    told = json.loads(json.dumps(experiment.document(found)))
    assert told["kind"] == "verification"
    assert told["run"]["preprocessing"]["resize"] == [8, 8]


def test_weights_are_established_by_an_md5_sum_that_the_record_states(studio: Path, data: Path) -> None:
    found = experiment.experiment(studio / "painter.onnx", data, like="studio:boaster", searching=False)
    network = reference.find("studio:boaster")
    assert network.weights is not None
    digest = hashlib.md5((studio / "painter.onnx").read_bytes()).hexdigest()
    for md5, grounds in ((digest, ("weights", "preprocessing")), ("0" * 32, ("preprocessing",))):
        weights = msgspec.structs.replace(network.weights, note=f"md5 {md5}; from its source")
        assert experiment.established(found.run, replace(network, weights=weights), "few") == grounds


def test_weights_come_in_a_file(studio: Path, data: Path) -> None:
    path = studio / "painter.onnx"
    for model, options in (
        ("studio:painter", {"weights": path}),
        (path, {"like": "studio:boaster"}),
    ):
        assert experiment.experiment(model, data, **options).verification.trial.correct == 96  # type: ignore[arg-type]
    with pytest.raises(Refusal, match=r"weights of studio:painter/w1 are in no file here.*\n.*--weights-file"):
        experiment.experiment("studio:painter", data)
    with pytest.raises(Refusal, match="there is no file"):
        experiment.experiment(studio / "nowhere.onnx", data)
    with pytest.raises(Refusal, match="is a file itself"):
        experiment.experiment(path, data, weights=path)
    painter(studio / "own.onnx", size=9)
    with pytest.raises(Refusal, match=r"no zoo is known to publish .*\n.*--like"):
        experiment.experiment(studio / "own.onnx", data)


def test_a_miss_is_explained(studio: Path, data: Path, cli: Callable[..., Ran]) -> None:
    """Red and blue turned, white and black and green stay right: a miss, and the record's BGR is not the painter's."""
    found = experiment.experiment(studio / "painter.onnx", data, like="studio:turned")
    assert found.searched is not None
    assert found.searched.found
    assert found.searched.best.changed == ("RGB",)
    ran = cli("verify", studio / "painter.onnx", "--like", "studio:turned", "--data", data)
    assert ran.code == 0
    assert "explained" in ran.out
    assert "RGB" in ran.out
    ran = cli("verify", studio / "painter.onnx", "--like", "studio:turned", "--data", data, "--no-search", "--json")
    assert json.loads(ran.out)["search"] is None


def test_the_validation_set_is_taken_at_random_and_stopped_early(
    studio: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A set of the right size and classes; the pictures of a tenth show another class, and the claim is 100 %."""
    labels = np.repeat(np.arange(1000), 50)
    shown = np.where(np.random.default_rng(0).random(50_000) < 0.1, (labels + 7) % 1000, labels)
    names = [f"{at:05}" for at in range(50_000)]
    made = dataset.Dataset("made", tmp_path, names, labels.tolist(), lambda at: picture(THOUSAND[shown[at]]))
    monkeypatch.setattr(dataset, "open", lambda _: made)
    path = painter(tmp_path / "wide.onnx", colours=THOUSAND)
    found = experiment.experiment(path, tmp_path, like="studio:boaster", searching=False)
    trial = found.verification.trial
    assert (found.reservation, trial.stopped) == ("", True)
    assert trial.images < 2_000
    assert abs(trial.value - 90) < 10
    assert found.verification.verdict == "undecided", "the weights are not established"
    known = experiment.established(found.run, found.verification.network, "")
    assert known == ("preprocessing", "images")
    monkeypatch.setattr(experiment, "established", lambda *_: GROUNDS)
    again = experiment.experiment(path, tmp_path, like="studio:boaster", searching=False)
    assert (again.run.fresh, again.verification.verdict) == (0, "refuted")
    more = experiment.experiment(path, tmp_path, like="studio:boaster", searching=False, claim="90.0", budget=300)
    assert (more.verification.trial.images, more.verification.verdict) == (300, "undecided")


def test_budget_and_margin(studio: Path, data: Path) -> None:
    found = experiment.experiment(studio / "painter.onnx", data, budget=10, claim=Decimal("90.0"))
    assert found.verification.trial.images == 10
    with pytest.raises(Refusal, match="--budget 0"):
        experiment.experiment(studio / "painter.onnx", data, budget=0)


def test_the_verb_says_what_it_needs(studio: Path, data: Path, cli: Callable[..., Ran]) -> None:
    path = studio / "painter.onnx"
    for arguments, words in (
        ((path,), "images to run it on"),
        ((path, "--data", data, "--predictions", "a.npz"), "not both"),
        ((path, "--predictions", "a.npz", "--like", "studio:painter"), "--like can only be given with --data"),
        ((path, "--data", data, "--labels", "real.json"), "--labels can only be given with --predictions"),
        ((path, "--data", studio / "nowhere"), "there is no"),
    ):
        ran = cli("verify", *arguments)
        assert (ran.code, words in ran.err) == (2, True), ran.err


def test_what_is_shown(studio: Path, data: Path, cli: Callable[..., Ran]) -> None:
    (data / "1" / "0.png").write_bytes(b"no image")
    ran = cli("verify", studio / "painter.onnx", "--data", data)
    assert ran.code == 2
    assert "'1/0.png'" in ran.err
    ran = cli("verify", studio / "painter.onnx", "--data", data, "--broken", "1")
    assert ran.code == 0
    for words in ("1/0.png: ", "painter.onnx on 96 images", "no estimate of validation accuracy", "squash to 8x8"):
        assert words in " ".join(ran.out.split()), ran.out


def test_the_stated_and_the_found(studio: Path, data: Path) -> None:
    """What the search changes is no longer what the record states."""
    with load(studio / "painter.onnx", data, STATED) as subject:
        assert subject.as_stated


def test_the_photographs(evidence: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZOODIFF_CACHE", str(tmp_path))
    found = experiment.experiment(
        evidence / "models" / "shufflenet-v2-12-int8.onnx", evidence / "photos", searching=False
    )
    assert found.verification.network.ref == "onnx:shufflenet-v2-12-int8/published"
    assert found.verification.verdict == "undecided"
    assert 130 < found.verification.trial.correct < 165
    assert experiment.established(found.run, found.verification.network, found.reservation) == ("weights",)
