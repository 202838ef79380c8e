"""The verdict follows from counts: exact of the whole set, a test of a sample, undecided where there is doubt."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from madeup import claimed
from zoodiff.accuracy.claim import of, step
from zoodiff.accuracy.predictions import Predictions
from zoodiff.accuracy.statistics import Counts, rounding
from zoodiff.accuracy.verdict import GROUNDS, Trial, judge, others, percent, unfit, unknown
from zoodiff.reading.reference import snapshot, zoos

CLAIM = claimed("net", "acc@1", "76.130", "w1")


def verdict(trial: Trial, established: tuple[str, ...] = GROUNDS) -> str:
    return judge(trial, [], unknown(trial, established))[0]


@pytest.mark.parametrize(
    ("correct", "expected"),
    [
        (38_065, "holds"),
        (38_064, "undecided"),  # 0.002 points: a rerun's
        (38_050, "undecided"),
        (38_049, "refuted"),
        (38_081, "refuted"),
        (30_000, "refuted"),
    ],
)
def test_the_whole_set_is_exact(correct: int, expected: str) -> None:
    trial = Trial(CLAIM, correct, 50_000)
    assert verdict(trial) == expected
    assert trial.possible == Counts(correct, correct, 50_000)
    assert trial.p_value == (1 if correct == 38_065 else 0)
    assert verdict(trial, ()) == ("holds" if expected == "holds" else "undecided")


@pytest.mark.parametrize("missing", GROUNDS)
def test_what_is_not_established_keeps_a_miss_undecided(missing: str) -> None:
    trial = Trial(CLAIM, 3_000, 5_000)
    assert verdict(trial) == "refuted"
    assert verdict(trial, tuple(ground for ground in GROUNDS if ground != missing)) == "undecided"


def test_the_whole_set_needs_no_proof_that_it_is_a_sample() -> None:
    assert verdict(Trial(CLAIM, 30_000, 50_000), ("weights", "preprocessing")) == "refuted"


def test_few_images_cannot_tell() -> None:
    trial = Trial(CLAIM, 3_806, 5_000)
    assert verdict(trial) == "undecided"
    assert "so few images also agree with anything from" in judge(trial, [], [])[1]


@pytest.mark.parametrize("margin", ["0.1", "2"])
def test_a_margin(margin: str) -> None:
    near = Trial(CLAIM, 38_065 - int(Decimal(margin) * 500), 50_000, Decimal(margin))
    assert verdict(near) == "holds"
    assert verdict(Trial(CLAIM, near.correct - 20, 50_000, Decimal(margin))) == "refuted"
    assert verdict(Trial(CLAIM, 3_806, 5_000, Decimal(2))) == "holds"


def test_a_set_that_may_be_chosen_shows_nothing() -> None:
    """Half of the images, close to the claim within the margin: it holds only of a random sample."""
    trial = Trial(CLAIM, 19_032, 25_000, Decimal(1))
    assert verdict(trial) == "holds"
    assert verdict(trial, ("weights", "preprocessing")) == "undecided"


def test_a_test_that_may_be_stopped_is_wider() -> None:
    fixed, stopped = Trial(CLAIM, 3_740, 5_000), Trial(CLAIM, 3_740, 5_000, stopped=True)
    assert fixed.missed
    assert not stopped.missed
    assert fixed.possible.within(stopped.possible)
    assert stopped.ci[0] < fixed.ci[0] < fixed.ci[1] < stopped.ci[1]
    whole = Trial(CLAIM, 38_065, 50_000, stopped=True)
    assert (whole.p_value, verdict(whole)) == (1, "holds")


@pytest.mark.parametrize("images", [2_000, 50_000])
def test_a_true_claim_is_refuted_no_more_often_than_may_be(images: int) -> None:
    """2,000 samples, weights and preprocessing known."""
    random = np.random.default_rng(images)
    seen, times = np.unique(random.hypergeometric(38_065, 50_000 - 38_065, images, 2_000), return_counts=True)
    refuted = sum(n for c, n in zip(seen, times, strict=True) if Trial(CLAIM, int(c), images).missed)
    assert refuted / 2_000 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 2_000)


def test_other_claims_that_fit() -> None:
    trial = Trial(claimed("net", "acc@1", "80.858", "w2"), 38_065, 50_000)
    known = [CLAIM, claimed("net", "acc@1", "76.1"), claimed("net", "acc@5", "76.130"), trial.claim]
    assert [reason.evidence["value"] for reason in others(trial, known)] == ["76.130", "76.1"]
    near = Trial(trial.claim, 37_500, 50_000)
    assert [reason.words[:31] for reason in others(near, known)] == ["another claim is nearer by far:"]
    assert not others(Trial(trial.claim, 40_400, 50_000), known)


def test_every_bundled_accuracy_is_one_that_some_count_rounds_to() -> None:
    for zoo in zoos():
        for model in snapshot(zoo):
            for claim in of(model, zoo):
                if claim.metric in ("acc@1", "acc@5"):
                    half = step(claim) / 2
                    allowed = rounding(claim.value, step(claim))
                    assert all(abs(Decimal(c) / 500 - claim.value) <= half for c in (allowed.least, allowed.most)), (
                        claim
                    )


def test_labels_and_images_that_the_claim_is_not_about() -> None:
    several = Predictions.of([1, 2], [[1, 2], [3]])
    left_out = Predictions.of([1, 2], [[1], []])
    twice = Predictions.of(np.arange(60) % 5, np.full(60, 7))
    assert [[reason.what for reason in unfit(made)] for made in (several, left_out, twice)] == [
        ["labels"],
        ["labels"],
        ["images"],
    ]
    assert judge(Trial(CLAIM, 38_065, 50_000), unfit(several), [])[0] == "undecided"


@pytest.mark.parametrize(
    ("correct", "images", "text"),
    [(37_531, 50_000, "75.062"), (0, 7, "0.000"), (7, 7, "100.000"), (1, 3, "33.3333"), (2, 3, "66.6667")],
)
def test_percent(correct: int, images: int, text: str) -> None:
    assert str(percent(correct, images)) == text
