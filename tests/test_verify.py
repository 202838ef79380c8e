"""Claims put to the test: exact on the predictions of 24 real models, and bound to weights, day and label set."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

import zoodiff
from answered import answered
from madeup import Ran, claimed
from zoodiff.fault import Refusal
from zoodiff.predictions import Predictions
from zoodiff.verdict import GROUNDS
from zoodiff.verify import document, verify

Cli = Callable[..., Ran]
LABELS = np.arange(50_000) // 50
KERAS = {
    "densenet121": "DenseNet121",
    "densenet201": "DenseNet201",
    "inceptionresnetv2": "InceptionResNetV2",
    "mobilenetV2": "MobileNetV2",
    "nasnetlarge": "NASNetLarge",
    "resnet50": "ResNet50",
    "vgg16": "VGG16",
    "xception": "Xception",
}


@pytest.fixture(scope="module")
def answers(evidence: Path) -> dict[str, np.ndarray]:
    """The 24 models' best five classes, by reference."""
    found = {}
    with np.load(evidence / "imagenet_val_top5.npz") as file:
        for array in file.files:
            name, _, library = array.rpartition("_")
            keras = library == "keras"
            found[f"keras:{KERAS[name]}" if keras else f"torchvision:{name}/IMAGENET1K_V1"] = file[array]
    assert len(found) == 24
    return found


@pytest.mark.parametrize(("metric", "k"), [("acc@1", 1), ("acc@5", 5)])
def test_all_real_models_are_counted_exactly(answers: dict[str, np.ndarray], metric: str, k: int) -> None:
    """Whoever ran them prepared images his own way, so a miss is no proof; told that he did not, it is one."""
    for ref, top in answers.items():
        made = Predictions.of(top, LABELS, source=ref)
        correct = int((top[:, :k] == LABELS[:, None]).any(axis=1).sum())
        found = verify(ref, made, metric=metric)
        assert (found.trial.correct, found.trial.images) == (correct, 50_000)
        assert found.trial.value == Decimal(correct) / 500
        low, high = found.trial.ci
        assert low < float(found.trial.value) < high
        true = correct in found.trial.claimed
        assert found.verdict == ("holds" if true else "undecided")
        if not true:
            assert {reason.what for reason in found.attribution} >= {"weights", "preprocessing"}
        sure = verify(ref, made, metric=metric, established=GROUNDS)
        off = abs(found.trial.value - found.claim.value)
        assert sure.verdict == ("holds" if true else "refuted" if off > Decimal("0.08") else sure.verdict)


def test_the_claim_is_that_of_the_weights_or_of_the_day(zoos: None) -> None:
    made = answered(38_065)
    ours, other = verify("alpha:resnet50_v1/w1", made), verify("alpha:resnet50_v1/w2", made)
    assert (ours.verdict, str(ours.claim.value), ours.claim.weights) == ("holds", "76.130", "w1")
    assert (other.verdict, str(other.claim.value)) == ("undecided", "80.858")
    assert [r.evidence["weights"] for r in other.attribution if r.what == "claim"] == ["w1"]
    assert verify("alpha:resnet50_v1", made).claim == ours.claim
    with pytest.raises(Refusal, match="not known to have claimed acc@1 as of 2021"):
        verify("alpha:resnet50_v1", made, as_of="2021-01-01")


def test_a_claim_of_the_callers_own(zoos: None, tmp_path: Path) -> None:
    made = answered(38_065)
    file = tmp_path / "own.onnx"
    file.write_bytes(b"")
    with pytest.raises(Refusal, match="no zoo claims anything") as refused:
        verify(file, made)
    assert "--claim" in refused.value.hint
    assert verify(file, made, claim="76.1%").verdict == "holds"
    assert verify(file, made, claim=Decimal("77")).verdict == "undecided"
    assert verify(file, made, claim=claimed("own", "acc@1", "76.13")).verdict == "holds"
    for wrong in ("0.761", "101", "-1", "good", "nan"):
        with pytest.raises(Refusal, match="is no accuracy"):
            verify(file, made, claim=wrong)


def test_other_label_sets_are_measured_and_judge_nothing(zoos: None) -> None:
    made = answered(38_065)
    labels: list[list[int]] = [[int(label), (int(label) + 500) % 1000] for label in made.labels[:, 0]]
    labels[0] = []
    found = verify("alpha:resnet50_v1", Predictions.of(made.top, labels), established=GROUNDS)
    assert (found.verdict, found.fit, found.left_out) == ("undecided", False, 1)
    told = document(found)
    assert (told["p_value"], told["measured"]["validation_set"]) == (None, None)
    assert told["measured"]["n"] == 49_999


BAD = {
    "metric": ({"metric": "acc@10"}, "no metric 'acc@10'"),
    "ground": ({"established": ["luck"]}, "'luck' cannot be established"),
    "margin": ({"margin": "wide"}, "'wide' is no number of percentage points"),
    "no claim": ({"metric": "acc@5", "model": "alpha:<img src=x onerror=alert(1)>"}, "the zoo claims no acc@5"),
}


@pytest.mark.parametrize("kind", BAD)
def test_refusals(zoos: None, kind: str) -> None:
    more, words = BAD[kind]
    arguments: dict = {"model": "alpha:vgg16", "predictions": answered(36_000, among_five=45_000), **more}
    with pytest.raises(Refusal, match=words):
        verify(arguments.pop("model"), arguments.pop("predictions"), **arguments)


def test_more_images_than_there_are(zoos: None) -> None:
    labels = np.r_[LABELS, 3]
    with pytest.raises(Refusal, match="50,001 images, and the validation set has 50,000"):
        verify("alpha:vgg16", Predictions.of(labels, labels))


def test_a_stopped_test_says_so(zoos: None) -> None:
    found = verify("alpha:vgg16", answered(1_250, 2_000), established=GROUNDS, stopped=True)
    assert (found.verdict, document(found)["stopped_early"]) == ("refuted", True)


def test_in_python_also_by_path(zoos: None, tmp_path: Path) -> None:
    made = answered(35_796)
    np.savez(tmp_path / "p.npz", top5=made.top, labels=made.labels[:, 0])
    found = zoodiff.verify("alpha:vgg16", tmp_path / "p.npz", against=str(tmp_path / "p.npz"))
    assert found.verdict == "holds"
    assert found.against is not None
    assert (found.against.p_value, found.against.same_answer) == (1, 50_000)


# ---------------------------------------------------------------- the command


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
