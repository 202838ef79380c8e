"""A name without a version is ambiguous only where several versions are to be had."""

from __future__ import annotations

from madeup import Judged, published


def test_a_name_without_a_version(judged: Judged) -> None:
    [finding] = judged(
        "ambiguous-name",
        one=(published("resnet50"), published("resnet_v2_50")),
        two=(published("ResNet50"),),
    )
    assert finding.models == ("one:resnet50", "two:ResNet50")
    assert finding.evidence["readings"] == ["resnet50-v1", "resnet50-v2"]


def test_a_version_that_nobody_has_stays_silent(judged: Judged) -> None:
    assert not judged("ambiguous-name", one=(published("resnet50"), published("vgg16")))
