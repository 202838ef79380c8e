"""Claims put to the test: exact on the predictions of 24 real models, and bound to weights, day and label set."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

import zoodiff
from answered import answered
from madeup import Ran, claimed
from zoodiff.accuracy.predictions import Predictions
from zoodiff.accuracy.verdict import GROUNDS
from zoodiff.fault import Refusal
from zoodiff.survey.verify import document, verify

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
