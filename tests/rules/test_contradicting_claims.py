"""Two numbers for one model in one zoo are found; rounding is no contradiction."""

from __future__ import annotations

from madeup import Judged, claimed, published


def two(first: str, second: str, weights: str | None = None) -> dict[str, object]:
    return {"claims": (claimed("vgg16", "acc@1", first), claimed("vgg16", "acc@1", second, weights))}


def test_both_numbers_are_told(judged: Judged) -> None:
    [finding] = judged("contradicting-claims", one=(published("vgg16", None, **two("71.9", "71.8")),))
    told = {finding.evidence["chosen"]["value"], *(other["value"] for other in finding.evidence["others"])}
    assert told == {"71.9", "71.8"}


def test_rounding_and_other_weights_stay_silent(judged: Judged) -> None:
    assert not judged("contradicting-claims", one=(published("vgg16", None, **two("71.9", "71.88")),))
    assert not judged("contradicting-claims", one=(published("vgg16", None, **two("71.9", "60", "other")),))
