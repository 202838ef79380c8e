"""Entries and groups answer from what they hold."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from madeup import own_home, published, tiny, write_snapshot
from zoodiff.record import Model
from zoodiff.survey.compare import audit
from zoodiff.survey.study import Group, Study


def test_an_entry_without_a_graph_says_so_and_invents_nothing(study: Study) -> None:
    [entry] = [entry for entry in study.entries if entry.ref.startswith("alpha:<img")]
    assert (entry.macs, entry.params, entry.letter, entry.value("acc@1")) == (None, None, None, None)


def test_counts_are_the_closed_forms(study: Study) -> None:
    entries = {entry.ref: entry for entry in study.entries}
    assert entries["alpha:vgg16"].macs == 27 * 8 * 32**2 + 80
    assert entries["beta:ResNet50_v1"].macs == 27 * 8 * 64**2 + 80
    assert entries["gamma:vgg16"].params == 37 * 16 + 10
    assert (entries["alpha:vgg16"].size, entries["beta:ResNet50_v1"].size) == (32, 64)


def test_a_zoo_is_compared_by_its_best_claim(study: Study) -> None:
    [group] = [group for group in study.groups if group.architecture == "resnet50-v1"]
    best = {zoo: entry.value("acc@1") for zoo, entry in group.by_zoo("acc@1").items()}
    assert best == {"alpha": Decimal("76.130"), "beta": Decimal("74.9")}


def group(folder: Path, **zoos: tuple[Model, ...]) -> Group:
    """The one architecture of these zoos, whose graphs are of 8, 16 and 64 channels."""
    files = {f"{channels}.onnx": tiny(channels) for channels in (8, 16, 64)}
    with own_home(folder):
        for zoo, models in zoos.items():
            write_snapshot(zoo, "1", models, {name: files[name] for m in models for name in [m.weights[0].graph or ""]})
        [only] = audit().groups
    return only


def test_two_models_of_one_zoo_are_not_compared_with_each_other(tmp_path: Path) -> None:
    """The zoo `one` has the most and the fewest; its claimed model is what another zoo's is held against."""
    found = group(
        tmp_path,
        one=(published("official-resnet_50", "64.onnx"), published("resnet_v1_50", "8.onnx", "75.2")),
        two=(published("resnet50_v1", "16.onnx", "76.1"),),
    )
    assert {zoo: entry.network.name for zoo, entry in found.by_zoo("macs").items()} == {
        "one": "resnet_v1_50",
        "two": "resnet50_v1",
    }
    assert found.macs_ratio == Fraction(2)
    assert len(found.counted) == 3


def test_one_zoo_alone_has_no_ratio(tmp_path: Path) -> None:
    models = (published("official-resnet_50", "64.onnx"), published("resnet_v1_50", "8.onnx"))
    assert group(tmp_path, one=models).macs_ratio is None


@pytest.mark.parametrize(("claims", "chosen"), [((None, None), "vgg_16"), (("71", None), "official-vgg16")])
def test_a_model_without_a_claim_counts_where_no_other_has_one(
    claims: tuple[str | None, str | None], chosen: str, tmp_path: Path
) -> None:
    models = (published("official-vgg16", "8.onnx", claims[0]), published("vgg_16", "16.onnx", claims[1]))
    assert group(tmp_path, one=models).by_zoo("macs")["one"].network.name == chosen
