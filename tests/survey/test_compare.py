"""The audit of the made-up zoos, against what their networks and claims are known to be."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from madeup import bench, own_home, published, timed, tiny, write_snapshot
from zoodiff.fault import Refusal
from zoodiff.measuring import batch
from zoodiff.measuring.measurement import Measurement, measure
from zoodiff.reading.reference import Inputs, Network
from zoodiff.record import Unmeasured
from zoodiff.survey.compare import audit, claims_of
from zoodiff.survey.study import Study


def test_models_of_one_name_come_together(study: Study) -> None:
    shared = {group.architecture: group.zoos for group in study.shared}
    assert shared == {
        "alexnet": ("alpha", "gamma"),
        "resnet50-v1": ("alpha", "beta"),
        "vgg16": ("alpha", "beta", "gamma"),
    }


def test_letters_see_through_input_sizes(study: Study) -> None:
    letters = {group.architecture: [entry.letter for entry in group.entries] for group in study.shared}
    assert letters == {"alexnet": ["A", "A"], "resnet50-v1": ["A", "A"], "vgg16": ["A", "A", "B"]}


def test_spreads_and_ratios(study: Study) -> None:
    groups = {group.architecture: group for group in study.groups}
    assert groups["resnet50-v1"].spread("acc@1") == Decimal("1.230")
    assert groups["vgg16"].macs_ratio == Fraction(2)
    assert groups["alexnet"].macs_ratio is None  # one of the two is a stand-in


def test_an_executor_of_ones_own_gives_the_same(zoos: None, study: Study) -> None:
    with ThreadPoolExecutor(2) as executor:
        again = audit(executor=executor)
    assert [entry.macs for entry in again.entries] == [entry.macs for entry in study.entries]
    assert again.findings == study.findings


def test_only_what_was_asked_for(zoos: None) -> None:
    one = audit(["vgg16"], ["alpha", "beta"])
    assert [entry.ref for entry in one.entries] == ["alpha:vgg16", "beta:VGG16"]


def test_unknown_names_are_refused(zoos: None) -> None:
    with pytest.raises(Refusal, match="'delta'"):
        audit(zoo_ids=["delta"])
    with pytest.raises(Refusal, match="'resnet51'"):
        audit(["resnet51"])


def test_as_of_takes_the_claims_of_the_day(zoos: None) -> None:
    assert audit(["vgg16"], as_of="2022-04-30").groups[0].spread("acc@1") is None
    assert audit(["vgg16"], as_of="2022-05").groups[0].spread("acc@1") == Decimal("0.292")


def test_claims_of_a_model_and_of_an_architecture(zoos: None) -> None:
    [told] = claims_of("alpha:resnet50_v1")
    assert {claim.value for claim in told.claims} == {Decimal("76.130"), Decimal("92.862"), Decimal("80.858")}
    assert [told.ref for told in claims_of("resnet50")] == ["alpha:resnet50_v1/w1", "beta:ResNet50_v1/w1"]


def test_times_of_none_of_the_models_are_refused(zoos: None) -> None:
    with pytest.raises(Refusal, match="has times of none of these models"):
        audit(times=bench(timed("other:net/w1", 5.0)))


def test_one_graph_that_cannot_be_read_leaves_the_others_as_they_are(tmp_path: Path) -> None:
    with own_home(tmp_path):
        for zoo, files in (("one", {"good": tiny()}), ("two", {"good": tiny(), "torn": tiny()[:-40]})):
            models = tuple(published(name, graph) for name, graph in zip(("vgg16", "vgg19"), files, strict=False))
            write_snapshot(zoo, "1.0", models, files)
        (torn,) = [entry for entry in audit().entries if entry.network.name == "vgg19"]
        (group,) = audit().shared
    assert isinstance(torn.measurement, Unmeasured)
    assert "not a readable ONNX file" in torn.measurement.reason
    assert [entry.letter for entry in group.entries] == ["A", "A"]


def test_a_graph_that_many_zoos_have_is_measured_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[str]()

    def counted(network: Network, inputs: Inputs | None, *, parts: bool = False) -> Measurement:
        asked.append(network.ref)
        return measure(network, inputs, parts=parts)

    monkeypatch.setenv("ZOODIFF_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(batch, "measure", counted)
    told = list[tuple[int, int]]()
    with own_home(tmp_path):
        for zoo in ("one", "two", "three"):
            files = {"good": tiny(), "torn": tiny()[:-40]}
            write_snapshot(zoo, "1.0", (published("vgg16", "good"), published("vgg19", "torn")), files)
        first = audit(progress=lambda done, of, _: told.append((done, of)))
        assert [ref.partition("/")[0] for ref in asked] == ["one:vgg16", "one:vgg19"]
        assert told == [(done, 6) for done in range(1, 7)]
        again = audit()
        assert [ref.partition("/")[0] for ref in asked[2:]] == ["one:vgg19"], "what went wrong is tried again"
    assert again.findings == first.findings
    for entry in first.entries:
        if isinstance(entry.measurement, Measurement):
            assert entry.measurement.ref == entry.network.ref
        else:
            assert entry.network.ref in entry.measurement.reason


def test_the_times_that_come_along_are_shown_where_none_are_given() -> None:
    found = audit(["resnet50-v1"]).speed
    assert found is not None
    assert {"keras:ResNet50/imagenet", "torchvision:resnet50/IMAGENET1K_V2"} <= {point.ref for point in found.points}
    assert found.bench.machine.cpu
    times = bench(*(timed(f"one:model{at}", at + 1.0) for at in range(3)))
    with pytest.raises(Refusal, match="has times of none of these models"):
        audit(["resnet50-v1"], times=times)
