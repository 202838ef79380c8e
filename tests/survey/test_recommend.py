"""Which model to take: by claims, counts and papers, with a reason, and never a wrong name or a quantised one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from zoodiff.record import Unmeasured
from zoodiff.survey.compare import audit
from zoodiff.survey.recommend import NEEDS, Advice, recommend
from zoodiff.survey.study import Group, Study


@pytest.fixture(scope="module")
def audited() -> Study:
    return audit(["resnet50-v1", "squeezenet-1.0", "alexnet", "mobilenet-v1", "efficientnet-b0"])


def group(study: Study, name: str) -> Group:
    return next(one for one in study.groups if one.architecture == name)


def advised(study: Study, name: str) -> dict[str, Advice]:
    found = recommend(study, group(study, name))
    assert list(found) == list(NEEDS)
    return {need: advice for need, advice in found.items() if isinstance(advice, Advice)}


def test_resnet50(audited: Study) -> None:
    """The claims, counts and origins that the tables of these zoos show."""
    found = advised(audited, "resnet50-v1")
    assert {need: advice.entry.ref for need, advice in found.items()} == {
        "accuracy": "torchvision:resnet50",
        "speed": "tfmg:resnet_v1_50",
        "paper": "gluon:resnet50_v1",
    }
    assert "80.858 % top-1, the highest of 6 claims" in found["accuracy"].why
    assert "1.17 times as many" in found["speed"].why
    assert "paper:resnet50-v1" in found["paper"].why
    assert all(advice.limits for advice in found.values())


def test_what_is_quantised_or_has_a_wrong_name_is_left_out(audited: Study) -> None:
    wrong = {ref for finding in audited.findings if finding.id == "mislabelled" for ref in finding.models}
    assert wrong
    for name in ("squeezenet-1.0", "resnet50-v1"):
        for advice in advised(audited, name).values():
            assert advice.entry.ref not in wrong
            assert not advice.entry.naming.quantised
    fewest = min((e for e in group(audited, "squeezenet-1.0").entries if e.macs), key=lambda e: e.macs or 0)
    assert fewest.ref in wrong  # it would be taken for speed


def test_a_claim_that_chance_explains_says_so(zoos: None, study: Study) -> None:
    found = advised(study, "vgg16")["accuracy"]
    assert found.entry.ref == "alpha:vgg16"
    assert "0.000 points are less than chance alone may make" in found.limits[0]
    assert "chance" not in " ".join(advised(study, "resnet50-v1")["accuracy"].limits)


def test_a_class_more_or_less_is_no_matter_of_speed(audited: Study) -> None:
    found = advised(audited, "mobilenet-v1")["speed"]
    assert found.entry.ref == "tfmg:official-MobileNetV1"
    assert "need as many" in found.why or "the fewest" in found.why


def test_where_none_conforms_the_nearest_is_told_with_what_differs(audited: Study) -> None:
    found = advised(audited, "alexnet")["paper"]
    assert "none conforms" in found.why
    assert "local response normalization" in found.why


def test_what_cannot_be_told_says_why(audited: Study, study: Study) -> None:
    paper = recommend(audited, group(audited, "efficientnet-b0"))["paper"]
    assert isinstance(paper, Unmeasured)
    assert "no origin paper" in paper.reason
    bare = Group(
        "vgg16",
        tuple(
            replace(entry, top1=Unmeasured("not in this test"), measurement=Unmeasured("nor this"))
            for entry in group(study, "vgg16").entries
        ),
    )
    assert all(isinstance(advice, Unmeasured) for advice in recommend(study, bare).values())
