"""A pair of accuracies that two architectures of one zoo share is found."""

from __future__ import annotations

from madeup import Judged, published


def test_a_copied_pair(judged: Judged) -> None:
    [finding] = judged(
        "same-numbers",
        one=(published("vgg16", None, "71.3", "90.1"), published("mobilenet_v2", None, "71.3", "90.1")),
    )
    assert finding.models == ("one:mobilenet_v2", "one:vgg16")


def test_equal_in_one_number_or_in_two_zoos_stays_silent(judged: Judged) -> None:
    assert not judged(
        "same-numbers",
        one=(published("vgg16", None, "71.3", "90.1"), published("mobilenet_v2", None, "71.3", "90.2")),
        two=(published("mobilenet_v2", None, "71.3", "90.1"),),
    )
