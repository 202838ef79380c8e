"""The bundled evidence: about weights that the snapshots have, with a source, equal to what it was taken from."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from zoodiff.accuracy import claim, evidence
from zoodiff.accuracy.choice import Chosen, choose
from zoodiff.reading.reference import snapshot

ALL = evidence.everything()


def test_every_figure_is_about_weights_of_a_snapshot_and_says_why() -> None:
    assert len(ALL) > 150
    for one in ALL:
        model = next(m for m in snapshot(one.zoo) if m.name == one.model)
        assert one.weights in [w.id for w in model.weights]
        assert one.same_weights_because
        assert one.source.repository
        assert one.metric in ("acc@1", "acc@5")
        assert 0 < one.value < 100


def test_counts_are_what_the_percentages_say() -> None:
    counted = [one for one in ALL if one.correct is not None]
    assert counted
    for one in counted:
        assert one.value == Decimal(one.correct) * 100 / 50_000


@pytest.mark.parametrize(
    ("name", "zoo", "model", "weights"),
    [
        ("resnet50_pytorch", "torchvision", "resnet50", "IMAGENET1K_V1"),
        ("vgg16_keras", "keras", "VGG16", "imagenet"),
        ("inception_v3_pytorch", "torchvision", "inception_v3", "IMAGENET1K_V1"),
    ],
)
def test_counts_are_those_of_the_predictions(evidence: Path, name: str, zoo: str, model: str, weights: str) -> None:
    from zoodiff.accuracy.evidence import of

    with np.load(evidence / "imagenet_val_top5.npz") as kept:
        right = kept[name] == (np.arange(50_000) // 50)[:, None]
    counted = {one.metric: one.correct for one in of(zoo, model, weights) if one.correct is not None}
    assert counted == {"acc@1": right[:, 0].sum(), "acc@5": right.any(axis=1).sum()}


def test_pairs_are_those_of_the_predictions_either_way_round(evidence: Path) -> None:
    from zoodiff.accuracy.evidence import _paired, answers

    labels = np.arange(50_000) // 50
    assert len(_paired()) == 6
    with np.load(evidence / "imagenet_val_top5.npz") as kept:
        a, b = (kept[f"vgg16_{kind}"][:, 0] == labels for kind in ("keras", "pytorch"))
    first, second = ("keras", "VGG16", "imagenet"), ("torchvision", "vgg16", "IMAGENET1K_V1")
    one, other = answers(first, second), answers(second, first)
    assert one is not None
    assert other is not None
    assert (one.first_only, one.second_only, one.images) == ((a & ~b).sum(), (b & ~a).sum(), 50_000)
    assert (other.first_only, other.second_only) == (one.second_only, one.first_only)
    assert answers(first, first) is None


def test_other_checkpoints_of_the_same_name_are_no_evidence() -> None:
    """Keras has other weights of ResNet-50 today than in version 2.2.4, and MNASNet 0.5's file has been replaced."""
    assert not evidence.of("keras", "ResNet50", "imagenet")
    assert not evidence.of("torchvision", "mnasnet0_5", "IMAGENET1K_V1")
    assert not evidence.of("torchvision", "resnet50", None)


def test_figures_of_the_published_tables_are_carried_over_unchanged(evidence: Path) -> None:
    table = evidence.parent / "claims" / "timm_results_imagenet.csv"
    if not table.is_file():
        pytest.skip("no published tables beside the evidence")
    with table.open(newline="") as file:
        lines = dict(enumerate(csv.DictReader(file), start=2))
    taken = [one for one in ALL if one.measured_by == "timm"]
    assert len({(one.model, one.weights) for one in taken}) == 40
    for one in taken:
        row = lines[one.source.line or 0]
        assert one.note == f"as {row['model']}"
        assert str(one.value) == row["top1" if one.metric == "acc@1" else "top5"]


def test_measurements_made_otherwise_are_not_comparable() -> None:
    several = evidence.of("torchvision", "resnet50", "IMAGENET1K_V2", "acc@1")
    assert [one.as_the_zoo_prepares for one in several] == [False]
    assert not evidence.comparable(several)


def test_the_testbed_agrees_with_torchvisions_claims() -> None:
    """It measured what it is said to have measured: the claims come out to the last digit."""
    apart = []
    for one in ALL:
        if one.measured_by == "imagenet-testbed" and one.as_the_zoo_prepares:
            model = next(m for m in snapshot(one.zoo) if m.name == one.model)
            chosen = choose(claim.of(model, one.zoo), "acc@1", one.weights)
            assert isinstance(chosen, Chosen)
            apart.append(abs(chosen.claim.value - one.value))
    assert len(apart) > 20
    assert max(apart) <= Decimal("0.030")
