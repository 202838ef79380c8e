"""Measurements of the same weights that noise does not explain are found, the farthest pair of each."""

from __future__ import annotations

import pytest

from madeup import Judged, measured, published
from zoodiff.accuracy.evidence import Evidence

RULE = "contradicting-evidence"


def test_two_that_prepared_images_alike(judged: Judged, known: list[Evidence]) -> None:
    known += [measured("73.50", True), measured("73.00", True), measured("73.40", None)]
    [finding] = judged(RULE, one=(published("vgg16", "eight.onnx", "73.72"),))
    assert (finding.severity, finding.evidence["apart"]) == ("medium", "0.50")


def test_two_of_which_that_is_not_known_must_be_farther_apart(judged: Judged, known: list[Evidence]) -> None:
    known += [measured("73.50", True), measured("69.00", None)]
    [finding] = judged(RULE, one=(published("vgg16", "eight.onnx", "73.72"),))
    assert finding.severity == "low"


@pytest.mark.parametrize("other", [("73.53", True), ("71.50", None), ("71.50", False)])
def test_noise_stays_silent(judged: Judged, known: list[Evidence], other: tuple[str, bool | None]) -> None:
    known += [measured("73.50", True), measured(*other), measured("50", True, "acc@5")]
    assert not judged(RULE, one=(published("vgg16", "eight.onnx", "73.72"),))
