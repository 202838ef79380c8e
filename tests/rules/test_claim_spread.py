"""Claims beyond the noise floor are found, those within it are not."""

from __future__ import annotations

import pytest

from madeup import Judged, published
from zoodiff.accuracy import evidence
from zoodiff.accuracy.evidence import Answers, Named
from zoodiff.record import Weights
from zoodiff.survey.finding import Finding


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


def test_paired_predictions_take_the_place_of_the_conservative_bound(
    judged: Judged, monkeypatch: pytest.MonkeyPatch
) -> None:
    """0.4 points are within the bound for independent results (0.56), and beyond that of pairs that go together."""
    zoos = {zoo: (published("vgg16", "eight.onnx", top1),) for zoo, top1 in (("one", "71.5"), ("two", "71.1"))}
    assert not judged("claim-spread", **zoos)

    def known(first: Named, second: Named) -> Answers | None:
        assert (first, second) == (("one", "vgg16", "w1"), ("two", "vgg16", "w1"))
        return Answers(2_100, 1_900, 50_000, "somebody's predictions")

    monkeypatch.setattr(evidence, "answers", known)
    [finding] = judged("claim-spread", **zoos)
    sampling = finding.evidence["noise"][0]
    assert (sampling["source"], sampling["points"]) == ("sampling", "0.2479")
    assert "paired predictions on 50,000 images: 2,100 that only the first gets right" in sampling["basis"]
    assert "conservative" not in sampling["basis"]
    assert finding.evidence["paired"]["source"] == "somebody's predictions"
    monkeypatch.setattr(evidence, "answers", lambda *_: Answers(9_000, 9_000, 50_000, "they rarely go together"))
    assert not judged("claim-spread", **zoos)


def test_two_zoos_between_the_extremes_are_compared_where_their_answers_are_published(
    judged: Judged, monkeypatch: pytest.MonkeyPatch
) -> None:
    zoos = {
        zoo: (published("vgg16", "eight.onnx", top1),)
        for zoo, top1 in (("one", "71.1"), ("two", "71.5"), ("three", "75"))
    }
    assert len(judged("claim-spread", **zoos)) == 1
    told = {(("two", "vgg16", "w1"), ("one", "vgg16", "w1")): Answers(2_100, 1_900, 50_000, "predictions")}
    monkeypatch.setattr(evidence, "answers", lambda *pair: told.get(pair))
    assert {finding.models for finding in judged("claim-spread", **zoos)} == {
        ("three:vgg16", "one:vgg16"),
        ("two:vgg16", "one:vgg16"),
    }
