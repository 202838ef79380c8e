"""Sources of noise: their sizes follow from the data that they name."""

from __future__ import annotations

import csv
import math
from decimal import Decimal
from pathlib import Path

import pytest
from scipy import stats

from zoodiff.accuracy import claim, noise
from zoodiff.accuracy import evidence as measured
from zoodiff.accuracy.choice import Chosen, choose
from zoodiff.reading.reference import snapshot
from zoodiff.record import Preprocessing, Unmeasured, Weights

PREPARED = Preprocessing(resize=(256,), crop=(224, 224), interpolation="bilinear")


def apart(prepared_alike: bool) -> list[Decimal]:
    """How far timm's measurement of each shared checkpoint is from torchvision's claim."""
    found = []
    for one in measured.everything():
        if (one.zoo, one.measured_by, one.metric) != ("torchvision", "timm", "acc@1"):
            continue
        if one.as_the_zoo_prepares is not prepared_alike or one.model == "inception_v3":
            continue  # not among the 37 whose weights both zoos distribute under tags of their own
        model = next(m for m in snapshot("torchvision") if m.name == one.model)
        chosen = choose(claim.of(model, "torchvision"), "acc@1", one.weights)
        assert isinstance(chosen, Chosen)
        found.append(abs(chosen.claim.value - one.value))
    return found


def test_the_pipelines_sizes_are_those_of_the_shared_checkpoints() -> None:
    equal, different = apart(True), apart(False)
    assert (len(equal), len(different)) == (12, 25)
    assert max(equal) == noise.EQUAL
    assert max(different) == noise.DIFFERENT


def test_trainings_size_is_a_prediction_interval() -> None:
    expected = stats.t.ppf(0.975, 4) * math.sqrt(2) * noise.DEVIATION
    assert float(noise.TRAINING) == pytest.approx(expected, abs=5e-4)


def sources(*weights: Weights | None) -> dict[str, Decimal]:
    return {one.source: one.points for one in noise.between(Decimal(76), Decimal(75), weights)}  # type: ignore[arg-type]


def test_two_models_have_all_sources_between_them() -> None:
    found = sources(None, None)
    assert list(found) == ["sampling", "training", "preprocessing", "machine"]
    assert all(one.basis for one in noise.between(Decimal(76), Decimal(75)))
    assert "conservative" in noise.between(Decimal(76), Decimal(75))[0].basis


def test_what_another_processor_makes_is_a_part_of_another_machine() -> None:
    """38,228 and 38,230 of 50,000, as the source prints them."""
    assert Decimal("76.460") - Decimal("76.456") == noise.HARDWARE < noise.RUNTIME < noise.EQUAL
    machine = noise.between(Decimal(76), Decimal(75))[-1]
    assert (machine.source, machine.points) == ("machine", noise.EQUAL)
    assert f"another processor alone made {noise.HARDWARE}" in machine.basis


def test_another_runtime_gave_the_same_figures_but_for_one(evidence: Path) -> None:
    table = evidence.parent / "claims" / "open_model_zoo.csv"
    if not table.is_file():
        pytest.skip("no published tables beside the evidence")
    with table.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if "/" in row["top1"]]
    pairs = {row["model_name_as_written"]: row["top1"].replace("%", "").split("/") for row in rows}
    apart = {name: abs(Decimal(one.strip()) - Decimal(other.strip())) for name, (one, other) in pairs.items()}
    assert len(apart) == 17
    assert {name: points for name, points in apart.items() if points} == {"resnet-50-tf": Decimal("0.28")}


def test_equal_preprocessing_is_no_source() -> None:
    one, other = Weights("a", preprocessing=PREPARED), Weights("b", preprocessing=PREPARED)
    assert list(sources(one, other)) == ["sampling", "training", "machine"]
    unstated = Weights("b", preprocessing=Preprocessing(resize=(256,), crop=(224, 224)))
    assert "preprocessing" in sources(unstated, unstated)
    assert "preprocessing" in sources(one, Weights("b", preprocessing=Unmeasured("not stated")))


def test_the_same_weights_are_a_class_of_their_own() -> None:
    one = Weights("a", file="net-0123abcd.pth", url="https://zoo/net-0123abcd.pth", preprocessing=PREPARED)
    assert list(sources(one, one)) == ["machine"]
    hashed = Weights("a", sha256="f" * 64)
    assert list(sources(hashed, Weights("b", sha256="f" * 64))) == ["preprocessing", "machine"]
    assert not noise.same_checkpoint(Weights("a"), Weights("a"))


def test_what_a_spread_exceeds_alone_and_together() -> None:
    several = noise.between(Decimal(76), Decimal(75))
    assert noise.exceeded(Decimal("0.6"), several) == ("sampling", "training", "machine")
    assert noise.exceeded(Decimal("3"), several) == ("sampling", "training", "preprocessing", "machine")
    assert noise.together(several) == sum(one.points for one in several)
