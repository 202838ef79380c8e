"""Claims beyond the noise floor are found, those within it are not."""

from __future__ import annotations

from madeup import Judged, published
from zoodiff.finding import Finding
from zoodiff.record import Weights


def test_a_spread_beyond_chance_is_found_with_both_claims(judged: Judged) -> None:
    [finding] = judged(
        "claim-spread",
        one=(published("vgg16", "eight.onnx", "73.72"),),
        two=(published("vgg16", "eight.onnx", "71.1"),),
        three=(published("vgg16", "eight.onnx", "72.0"),),
    )
    assert finding.models == ("one:vgg16", "two:vgg16")
    assert finding.evidence["spread"] == "2.62"
    assert finding.severity == "medium"  # the made-up zoos do not state how they interpolate
    assert finding.title.endswith("2.62 points apart, more than any one source of noise")
    assert all(one["exceeded"] and one["basis"] for one in finding.evidence["noise"])
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


def test_beyond_all_noise_together_it_is_grave_and_within_one_source_it_says_which(judged: Judged) -> None:
    def found(low: str) -> Finding:
        one, two = published("vgg16", "eight.onnx", "73.72"), published("vgg16", "eight.onnx", low)
        [finding] = judged("claim-spread", one=(one,), two=(two,))
        return finding

    assert (found("60.0").severity, found("72.5").severity) == ("high", "low")
    assert found("72.5").title.endswith("1.22 points apart, which preprocessing may explain")


def test_the_same_weights_are_told_without_sampling_and_training(judged: Judged) -> None:
    weights = (Weights("w1", "eight.onnx", default=True, sha256="f" * 64),)
    one, two = (published("vgg16", "eight.onnx", top1, weights=weights) for top1 in ("73.72", "73.50"))
    [finding] = judged("claim-spread", one=(one,), two=(two,))
    assert finding.evidence["same_weights"] is True
    assert [told["source"] for told in finding.evidence["noise"]] == ["preprocessing", "machine"]
    assert finding.severity == "low"
