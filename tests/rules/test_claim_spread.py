"""Claims beyond the noise floor are found, those within it are not."""

from __future__ import annotations

from madeup import Judged, published


def test_a_spread_beyond_chance_is_found_with_both_claims(judged: Judged) -> None:
    [finding] = judged(
        "claim-spread",
        one=(published("vgg16", "eight.onnx", "73.72"),),
        two=(published("vgg16", "eight.onnx", "71.1"),),
        three=(published("vgg16", "eight.onnx", "72.0"),),
    )
    assert finding.models == ("one:vgg16", "two:vgg16")
    assert finding.evidence["spread"] == "2.62"
    assert finding.severity == "high"  # more than four times the floor of 0.55
    assert 0.5 < float(finding.evidence["noise_floor"]) < 0.6


def test_a_spread_within_chance_stays_silent(judged: Judged) -> None:
    assert not judged(
        "claim-spread",
        one=(published("vgg16", "eight.onnx", "71.5"),),
        two=(published("vgg16", "eight.onnx", "71.1"),),
    )


def test_one_claim_alone_and_quantised_weights_are_no_spread(judged: Judged) -> None:
    assert not judged(
        "claim-spread",
        one=(published("vgg16", "eight.onnx", "73.72"),),
        two=(published("vgg16", "eight.onnx"), published("vgg16-int8", "eight.onnx", "60")),
    )
