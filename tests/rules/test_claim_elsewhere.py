"""Claims for another input size than the model's are found, where a source of the figure says so."""

from __future__ import annotations

import msgspec
import pytest

from madeup import Judged, claimed, published
from zoodiff.record import Claim

RULE = "claim-elsewhere"


def at(value: str, size: int | None, weights: str | None = "w1") -> Claim:
    return msgspec.structs.replace(claimed("vgg16", "acc@1", value, weights), input_size=size)


def test_a_claim_that_states_another_size(judged: Judged) -> None:
    [finding] = judged(RULE, one=(published("vgg16", "eight.onnx", claims=(at("71.3", 64),)),))
    assert finding.confidence == "high"
    assert "is for input 64, the model's own is 32" in finding.title


def test_the_same_figure_with_a_size_elsewhere(judged: Judged) -> None:
    claims = (at("76.0", None), at("75.96", 64, None))
    [finding] = judged(RULE, one=(published("vgg16", "eight.onnx", claims=claims),))
    assert finding.confidence == "medium"
    assert finding.evidence["stated"]["input_size"] == 64


@pytest.mark.parametrize(
    "claims",
    [
        (at("71.3", 32),),
        (at("71.3", None),),
        (at("76.0", None), at("75.5", 64, None)),  # another figure
        (at("76.0", None), at("75.96", 64, "w2")),  # of other weights
        (at("76.0", None), at("75.96", 64, None), at("76.01", 32, None)),  # one states the model's own size
    ],
)
def test_the_models_own_size_or_none_stays_silent(judged: Judged, claims: tuple[Claim, ...]) -> None:
    assert not judged(RULE, one=(published("vgg16", "eight.onnx", claims=claims),))


def test_without_a_graph_nothing_is_said(judged: Judged) -> None:
    assert not judged(RULE, one=(published("vgg16", None, claims=(at("71.3", 64),)),))
