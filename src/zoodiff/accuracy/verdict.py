"""What images say of a claim on the validation set, and what else a miss may come from."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, Final, Literal

from zoodiff.accuracy import mismatch
from zoodiff.accuracy.claim import step
from zoodiff.accuracy.predictions import Predictions
from zoodiff.accuracy.sequential import Sequential
from zoodiff.accuracy.statistics import (
    RERUN,
    VALIDATION_IMAGES,
    Counts,
    binomial_interval,
    population_interval,
    population_test,
    rounding,
)
from zoodiff.record import Claim

Verdict = Literal["holds", "refuted", "undecided"]
GROUNDS: Final = ("weights", "preprocessing", "images")
"""What must be known of predictions before a miss refutes a claim: that they come from the weights that the claim is
about, that images were prepared as the zoo states, and that the images are the validation set or a random sample of it.
"""
PREPROCESSING: Final = Decimal("2.062")
"""Percentage points by which preprocessing alone moved the top-1 of one checkpoint.

The largest of 25 that timm (results of commit aa4b5850) and Torchvision 0.29.1 both distribute and measure with other
sizes, crops or interpolations.
"""


@dataclass(frozen=True)
class Reason:
    """One thing that a miss may come from, other than a wrong claim."""

    what: str
    """one of GROUNDS, or `labels`, `claim` (another one fits) or `rerun`"""
    words: str
    evidence: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Trial:
    """A claim on the validation set, how many of some of its images are right, and what the one says of the other.

    `stopped`: the images came one after the other in random order, and may have ended because the claim was decided.
    """

    claim: Claim
    correct: int
    images: int
    margin: Decimal = Decimal(0)
    level: float = 0.95
    stopped: bool = False

    @cached_property
    def claimed(self) -> Counts:
        """The numbers of right answers in the validation set of which the claim is true."""
        return rounding(self.claim.value, step(self.claim))

    @cached_property
    def allowed(self) -> Counts:
        """The same, or within the margin of it."""
        return self.claimed.widened(self.margin)

    @cached_property
    def possible(self) -> Counts:
        """The numbers of right answers in the validation set that the images seen allow."""
        if self.stopped:
            return self._sequential.interval(self.correct, self.images)
        return population_interval(self.correct, self.images, VALIDATION_IMAGES, self.level)

    @cached_property
    def ci(self) -> tuple[float, float]:
        """Percentages between which the accuracy on further images of the kind lies."""
        if self.stopped:
            return self._sequential.generalises(self.correct, self.images)
        return binomial_interval(self.correct, self.images, self.level)

    @cached_property
    def p_value(self) -> float:
        """How well the images agree with the claim, or what is within the margin of it."""
        return self.agreement(self.allowed)

    def agreement(self, claimed: Counts) -> float:
        """The p-value of the images' agreeing with these numbers of right answers in the validation set."""
        if self.stopped and not self.whole:
            return self._sequential.p_value(self.correct, self.images, claimed)
        return population_test(self.correct, self.images, claimed)

    @property
    def whole(self) -> bool:
        """Whether all images were seen: then nothing is left to chance."""
        return self.images == VALIDATION_IMAGES

    @property
    def holds(self) -> bool:
        """Whether all that the images allow is allowed by the claim."""
        return self.possible.within(self.allowed)

    @property
    def missed(self) -> bool:
        """Whether the images contradict the claim."""
        return self.p_value <= 1 - self.level

    @property
    def beyond_rerun(self) -> bool:
        """Whether they do by more than runs of one checkpoint with equal preprocessing are apart."""
        return self.agreement(self.claimed.widened(max(self.margin, RERUN))) <= 1 - self.level

    @property
    def value(self) -> Decimal:
        """The measured accuracy as a percentage."""
        return percent(self.correct, self.images)

    @property
    def _sequential(self) -> Sequential:
        return Sequential(self.claim, VALIDATION_IMAGES, 1 - self.level, self.margin)


def percent(correct: int, images: int) -> Decimal:
    """A share as a percentage with three decimals, four where three are not exact."""
    exact = Decimal(100 * correct) / Decimal(images)
    short = exact.quantize(Decimal("0.001"))
    return short if short == exact else exact.quantize(Decimal("0.0001"))


def unfit(predictions: Predictions) -> list[Reason]:
    """Why labels and images are not those that the claim is about; nothing where they may be."""
    reasons = []
    if predictions.labels.shape[1] > 1 or predictions.left_out:
        words = "these labels are another set than the claim's, which has one true class for each image"
        reasons.append(Reason("labels", words))
    if strange := mismatch.sampling(predictions):
        reasons.append(Reason("images", f"the images are no random sample of the validation set: {strange}"))
    return reasons


def unknown(trial: Trial, established: Collection[str]) -> list[Reason]:
    """What is not known of the predictions, and stands against a verdict: of images against any, else a miss."""
    reasons = []
    if "images" not in established and not trial.whole:
        words = f"nothing shows that the {trial.images:,} images are a random sample of the validation set"
        reasons.append(Reason("images", words))
    if not trial.missed:
        return reasons
    if "weights" not in established:
        reasons.append(Reason("weights", "nothing shows that the predictions come from the claim's weights"))
    if "preprocessing" not in established:
        words = (
            "nothing shows that the images were prepared as the zoo does; "
            f"that alone has moved one checkpoint's top-1 by {PREPROCESSING} points"
        )
        reasons.append(Reason("preprocessing", words, {"points": str(PREPROCESSING)}))
    if not trial.beyond_rerun:
        words = f"runs of one checkpoint with equal preprocessing lie up to {RERUN} points apart"
        reasons.append(Reason("rerun", words, {"points": str(RERUN)}))
    return reasons


def others(trial: Trial, claims: Iterable[Claim]) -> list[Reason]:
    """Other claims of the metric that fit better: those with which the images agree, else the nearest by far."""
    known: dict[tuple[Decimal, str | None], Claim] = {}
    for claim in claims:
        if claim.metric == trial.claim.metric and claim.value != trial.claim.value:
            known.setdefault((claim.value, claim.weights), claim)
    agree = [c for c in known.values() if trial.agreement(rounding(c.value, step(c))) > 1 - trial.level]
    if agree:
        return [_another(claim, "the images agree with another claim") for claim in agree]
    nearest = min(known.values(), key=lambda claim: abs(claim.value - trial.value), default=trial.claim)
    if 2 * abs(nearest.value - trial.value) < abs(trial.claim.value - trial.value):
        return [_another(nearest, "another claim is nearer by far")]
    return []


def _another(claim: Claim, how: str) -> Reason:
    about = f" of {claim.weights}" if claim.weights else ""
    evidence = {"value": str(claim.value), "weights": claim.weights, "source": str(claim.source)}
    return Reason("claim", f"{how}: {claim.value}{about} ({claim.source})", evidence)


def judge(trial: Trial, unfit: Sequence[Reason], doubts: Sequence[Reason]) -> tuple[Verdict, str]:
    """The verdict on the claim, and why; `doubts`, which `unknown` tells, stand against any."""
    seen = f"{trial.correct:,} of {'all ' if trial.whole else ''}{trial.images:,} images are right, {trial.value} %"
    said = f"the claim is {trial.claim.value}"
    if unfit:
        return "undecided", f"{seen}; this says nothing of the claim, since {_joined(unfit)}"
    if trial.holds:
        margin = "" if trial.possible.within(trial.claimed) else f", and within {trial.margin} points it holds"
        if doubts:
            return "undecided", f"{seen}; {said}{margin}; but {_joined(doubts)}"
        return "holds", f"{seen}; {said}{margin}"
    if not trial.missed:
        low, high = (percent(count, VALIDATION_IMAGES) for count in (trial.possible.least, trial.possible.most))
        return "undecided", f"{seen}; {said}, but so few images also agree with anything from {low} to {high} %"
    off = trial.value - trial.claim.value
    missed = f"{seen}, {abs(off)} points {'above' if off > 0 else 'below'} the claim of {trial.claim.value}"
    if doubts:
        return "undecided", f"{missed}; but {_joined(doubts)}"
    return "refuted", f"{missed}, with the weights, the preprocessing and the images that it is about"


def _joined(reasons: Sequence[Reason]) -> str:
    return ", and ".join(reason.words.partition(";")[0] for reason in reasons)
