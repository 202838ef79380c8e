"""Claims above all that was measured are found; noise, other pipelines and other sizes are no reason."""

from __future__ import annotations

import msgspec
import pytest

from madeup import Judged, claimed, measured, published
from zoodiff.accuracy.evidence import Evidence

RULE = "claim-above-evidence"


def test_a_claim_above_an_established_measurement_is_grave(judged: Judged, known: list[Evidence]) -> None:
    known += [measured("73.5", True), measured("73.2", None), measured("99", False)]
    [finding] = judged(RULE, one=(published("vgg16", "eight.onnx", "73.72"),))
    assert (finding.severity, finding.confidence) == ("high", "high")
    assert finding.evidence["gap"] == "0.22"
    assert len(finding.evidence["measured"]) == 2  # the one prepared otherwise does not count
    assert "73.5 % is the most" in finding.title


def test_where_the_pipeline_is_not_known_it_takes_more_and_is_unsure(judged: Judged, known: list[Evidence]) -> None:
    known.append(measured("72.0", None))
    assert not judged(RULE, one=(published("vgg16", "eight.onnx", "73.72"),))
    known[:] = [measured("70.0", None)]
    [finding] = judged(RULE, one=(published("vgg16", "eight.onnx", "73.72"),))
    assert (finding.severity, finding.confidence) == ("medium", "low")


@pytest.mark.parametrize("claim", ["73.50", "73.53", "73.535", "73.4"])
def test_rounding_and_noise_stay_silent(judged: Judged, known: list[Evidence], claim: str) -> None:
    known.append(measured("73.50", True))
    assert not judged(RULE, one=(published("vgg16", "eight.onnx", claim),))


def test_one_measurement_that_reaches_the_claim_clears_it(judged: Judged, known: list[Evidence]) -> None:
    known += [measured("70.0", True), measured("73.72", True)]
    assert not judged(RULE, one=(published("vgg16", "eight.onnx", "73.72"),))


def test_a_claim_for_another_size_and_no_evidence_at_all_stay_silent(judged: Judged, known: list[Evidence]) -> None:
    assert not judged(RULE, one=(published("vgg16", "eight.onnx", "73.72"),))
    known.append(measured("60.0", True))
    elsewhere = msgspec.structs.replace(claimed("vgg16", "acc@1", "73.72", "w1"), input_size=64)
    assert not judged(RULE, one=(published("vgg16", "eight.onnx", claims=(elsewhere,)),))
