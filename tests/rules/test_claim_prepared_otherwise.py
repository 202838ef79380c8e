"""Claims whose source says that images were prepared otherwise than the record says; silence where either is silent."""

from __future__ import annotations

import msgspec
import pytest

from madeup import Judged, claimed, published
from zoodiff.record import Model, Preprocessing, Unmeasured, Weights
from zoodiff.rules.claim_prepared_otherwise import CENTRAL, CUT, SQUASHED, recorded_steps, steps

RULE = "claim-prepared-otherwise"
USUAL = Preprocessing(resize=(256,), crop=(224, 224), interpolation="bilinear", channel_order="RGB")
SQUASH = Preprocessing(resize=(224, 224), interpolation="bilinear")
SLIM = Preprocessing(resize=(299, 299), crop_fraction=0.875, interpolation="bilinear")


def model(words: str | None, prepared: Preprocessing | Unmeasured, about: str | None = "w1") -> Model:
    claim = msgspec.structs.replace(claimed("vgg16", "acc@1", "71.3", about), preprocessing=words)
    weights = (Weights("w1", "eight.onnx", default=True, preprocessing=prepared), Weights("w2"))
    return published("vgg16", claims=(claim,), weights=weights)


@pytest.mark.parametrize(
    ("words", "prepared", "told"),
    [
        ("shorter side 232 (bilinear), centre crop", USUAL, "shorter side: 232, not 256"),
        ("shorter side 256 (bicubic), center crop", USUAL, "interpolation: bicubic, not bilinear"),
        ("centre crop, BGR", USUAL, "colours: BGR, not RGB"),
        ("ten-crop", USUAL, "crops: several, not one"),
        ("144 crops", SLIM, "crops: several, not one"),
        ("centre crop", SQUASH, f"framing: {CUT}, not {SQUASHED}"),
        ("Inception preprocessing, single crop", USUAL, f"framing: {CENTRAL}, not {CUT}"),
        ("squashed to 224", USUAL, f"framing: {SQUASHED}, not {CUT}"),
    ],
)
def test_what_both_state_and_differs(judged: Judged, words: str, prepared: Preprocessing, told: str) -> None:
    [finding] = judged(RULE, one=(model(words, prepared),))
    assert told in finding.title
    assert finding.confidence == ("medium" if told.startswith("framing") else "high")
    assert finding.evidence["claim"]["preprocessing"] == words


@pytest.mark.parametrize(
    ("words", "prepared"),
    [
        (None, USUAL),
        ("shorter side 256 (bilinear), centre crop", USUAL),
        ("shorter side 256 (bicubic), centre crop", Preprocessing(resize=(256,), crop=(224, 224))),
        ("centre crop", SLIM),  # a central part is one, in other words
        ("Inception preprocessing, single crop", SLIM),
        ("single crop", SQUASH),
        ("1-crop", USUAL),
        ("ten crops", Preprocessing(mean=(1, 2, 3))),
        ("ten crops", Unmeasured("not stated")),
    ],
)
def test_the_same_or_not_stated_stays_silent(
    judged: Judged, words: str | None, prepared: Preprocessing | Unmeasured
) -> None:
    assert not judged(RULE, one=(model(words, prepared),))


def test_a_claim_about_other_weights_is_not_held_against_the_record(judged: Judged) -> None:
    assert not judged(RULE, one=(model("ten crops", USUAL, "w2"),))
    assert judged(RULE, one=(model("ten crops", USUAL, None),))


def test_both_are_read_in_the_same_terms() -> None:
    assert steps("shorter side 256 (Bilinear), centre crop, rgb").items() <= recorded_steps(USUAL).items()
    assert not steps("")
