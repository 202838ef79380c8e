"""The audit of the made-up zoos, against what their networks and claims are known to be."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from fractions import Fraction

import pytest

from madeup import bench, timed
from zoodiff.fault import Refusal
from zoodiff.survey.compare import audit
from zoodiff.survey.study import Study


def test_models_of_one_name_come_together(study: Study) -> None:
    shared = {group.architecture: group.zoos for group in study.shared}
    assert shared == {
        "alexnet": ("alpha", "gamma"),
        "resnet50-v1": ("alpha", "beta"),
        "vgg16": ("alpha", "beta", "gamma"),
    }


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


def test_as_of_takes_the_claims_of_the_day(zoos: None) -> None:
    assert audit(["vgg16"], as_of="2022-04-30").groups[0].spread("acc@1") is None
    assert audit(["vgg16"], as_of="2022-05").groups[0].spread("acc@1") == Decimal("0.292")


def test_times_of_none_of_the_models_are_refused(zoos: None) -> None:
    with pytest.raises(Refusal, match="has times of none of these models"):
        audit(times=bench(timed("other:net/w1", 5.0)))


def test_the_times_that_come_along_are_shown_where_none_are_given() -> None:
    found = audit(["resnet50-v1"]).speed
    assert found is not None
    assert {"keras:ResNet50/imagenet", "torchvision:resnet50/IMAGENET1K_V2"} <= {point.ref for point in found.points}
    assert found.bench.machine.cpu
    times = bench(*(timed(f"one:model{at}", at + 1.0) for at in range(3)))
    with pytest.raises(Refusal, match="has times of none of these models"):
        audit(["resnet50-v1"], times=times)
