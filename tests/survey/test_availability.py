"""Architectures by zoos: eleven candidates, each entry with where it stands."""

from __future__ import annotations

import re

import pytest

from zoodiff.survey.availability import Availability, availability, document
from zoodiff.survey.original import original


@pytest.fixture(scope="module")
def found() -> Availability:
    """As of the study's day."""
    return availability(original().as_of)


def test_all_eleven_candidates_have_something(found: Availability) -> None:
    assert len(found.have) == 11
    assert all(found.have.values())


def test_shared_architectures_are_in_two_zoos_or_more(found: Availability) -> None:
    for name in found.shared:
        assert sum(name in own for own in found.have.values()) > 1
    assert {"alexnet", "vgg16", "resnet50-v1", "inception-v3"} <= set(found.shared)
    assert found.have["caffe"].keys() >= {"alexnet", "googlenet"}


def test_the_studys_four_share_at_least_its_35(found: Availability) -> None:
    """36 less Inception V2, of which one of two zoos claims no accuracy, and more that the study left out."""
    assert found.chosen.shared >= 35
    assert all(four.shared >= found.chosen.shared for four in found.best)
    assert found.of_the_study["torchvision"] == found.of_the_study["keras"] == 27


def test_a_model_of_later_is_not_yet_there() -> None:
    later, then = availability("2023-06-01"), availability("2022-05-01")
    assert set(later.have["torchvision"]) > set(then.have["torchvision"])


def test_listed_names_say_where(found: Availability) -> None:
    for zoo in ("tf-hub", "pytorch-hub", "mxnet", "dl4j", "caffe", "openvino"):
        for where in found.have[zoo].values():
            assert re.fullmatch(r".+ \([\w.-]+/[\w.-]+@[0-9a-f]{12} \S+\)", where)


def test_json_has_a_row_for_each_shared_architecture(found: Availability) -> None:
    made = document(found)
    assert list(made["have"]) == list(found.shared)
    assert made["have"]["googlenet"]["caffe"].startswith("bvlc_googlenet (BVLC/caffe@")
