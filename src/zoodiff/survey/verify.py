"""Put a claim to the test on labelled images: is it true of the validation set, and how far it generalises.

The verdict is about the first question alone. It is exact where all 50,000 images were seen; of fewer it is a test for
samples without replacement. Predictions belong to weights of a date and to a way of preparing images: where these are
not established, a miss shows that something differs, not that the claim is wrong, and the verdict says `undecided`.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from zoodiff.accuracy import claim as claims
from zoodiff.accuracy import mismatch
from zoodiff.accuracy.imagenet import names, synsets
from zoodiff.accuracy.paired import Paired, paired
from zoodiff.accuracy.predictions import Predictions
from zoodiff.accuracy.statistics import VALIDATION_IMAGES, Counts
from zoodiff.accuracy.verdict import GROUNDS, Reason, Trial, Verdict, judge, others, unfit, unknown
from zoodiff.fault import Refusal
from zoodiff.reading.reference import Network, find
from zoodiff.record import Claim, Source, Unmeasured
from zoodiff.survey.told import claims_of

if TYPE_CHECKING:
    import onnx

METRICS: Final = {"acc@1": 1, "acc@5": 5}
"""Accuracies that can be verified, and among how many of the best classes a right one must be."""


@dataclass(frozen=True)
class Verification:
    """A claim beside what was measured, the verdict, and what a miss may come from."""

    network: Network
    metric: str
    why_claim: str
    """why it is this one of the model's claims"""
    source: str
    """where the predictions come from"""
    trial: Trial
    """the claim, the counts, and what they say of each other"""
    left_out: int
    """images without an acceptable class, which count nowhere"""
    fit: bool
    """whether labels and images may be the claim's; else only the measured value says something"""
    verdict: Verdict
    why: str
    attribution: tuple[Reason, ...] = ()
    """what a miss may come from, and why nothing is said of the claim"""
    against: Paired | None = None

    @property
    def claim(self) -> Claim:
        """The claim that was trial."""
        return self.trial.claim


def verify(
    model: str | Path | Network | onnx.ModelProto,
    predictions: Predictions | Path | str,
    *,
    metric: str = "acc@1",
    claim: Claim | Decimal | str | None = None,
    as_of: str | None = None,
    established: Collection[str] = (),
    margin: Decimal | str = Decimal(0),
    level: float = 0.95,
    against: Predictions | Path | str | None = None,
    stopped: bool = False,
) -> Verification:
    """Test what a zoo claims of a model on labelled images that it has answered.

    The claim is that about the model's weights (see `zoodiff claims`), in force on the day `as_of`; or a percentage of
    the caller's own. `established` names those of GROUNDS that are known of the predictions: a miss refutes only when
    all are. `margin`: percentage points off the claim at which it still holds. `against`: another network's predictions
    on the same images. `stopped`: the images came in random order and may have ended because the claim was decided;
    then interval and test are those of `Sequential`, which such a look does not spoil.

    Raises Refusal on an unknown model or metric, where there is no claim, where predictions and labels do not belong
    together, and without scipy.
    """
    if metric not in METRICS:
        raise Refusal(f"there is no metric {metric!r} to verify", f"There are: {', '.join(METRICS)}")
    if strange := set(established) - set(GROUNDS):
        raise Refusal(f"{min(strange)!r} cannot be established", f"There are: {', '.join(GROUNDS)}")
    if not isinstance(predictions, Predictions):
        predictions = Predictions.read(predictions)
    if against is not None and not isinstance(against, Predictions):
        against = Predictions.read(against)
    network = find(model)
    chosen, why_claim = claim_to_test(model, network, metric, claim, as_of)
    k = METRICS[metric]
    correct, images = int(predictions.hits(k).sum()), len(predictions)
    if images > VALIDATION_IMAGES:
        raise Refusal(
            f"{predictions.source}: {images:,} images, and the validation set has {VALIDATION_IMAGES:,}",
            "A claim about the validation set is tested on its images alone.",
        )
    mismatch.check(predictions, float(chosen.value) / 100)
    trial = Trial(chosen, correct, images, _points(margin), level, stopped)
    wrong = unfit(predictions)
    doubts = [] if wrong else unknown(trial, established)
    verdict, why = judge(trial, wrong, doubts)
    missed = trial.missed and not wrong
    known = claims.of(network.record, network.zoo) if missed and network.record and network.zoo else ()
    return Verification(
        network=network,
        metric=metric,
        why_claim=why_claim,
        source=predictions.source,
        trial=trial,
        left_out=predictions.left_out,
        fit=not wrong,
        verdict=verdict,
        why=why,
        attribution=(*wrong, *doubts, *others(trial, known)),
        against=None if against is None else paired(predictions, against, k),
    )


def claim_to_test(
    model: object, network: Network, metric: str, given: Claim | Decimal | str | None, as_of: str | None
) -> tuple[Claim, str]:
    """The claim to test and why it is this one: one given, else that about the model's weights in force on a day."""
    if isinstance(given, Claim):
        return given, "given"
    if given is not None:
        value = _percentage(str(given))
        source = Source("the command line")
        return Claim(network.name, metric, value, str(given), source), "given on the command line"
    if network.record is None:
        raise Refusal(f"no zoo claims anything of {network.ref!r}", "Say what is claimed: --claim 76.13")
    ref = model if isinstance(model, str) else network.ref
    chosen = claims_of(ref, as_of)[0].chosen[metric]
    if isinstance(chosen, Unmeasured):
        hint = f"See: zoodiff claims {ref.partition('/')[0]}. Or say what is claimed: --claim 76.13"
        raise Refusal(f"{ref}: {chosen.reason}", hint)
    return chosen.claim, chosen.why


def _percentage(text: str) -> Decimal:
    try:
        value = Decimal(text.strip().removesuffix("%").strip())
    except InvalidOperation:
        value = Decimal("nan")
    if not value.is_finite() or not 0 <= value <= 100 or 0 < value <= 1:
        raise Refusal(f"--claim {text!r} is no accuracy", "Write it as the percentage that is printed, such as 76.13")
    return value


def _points(margin: Decimal | str) -> Decimal:
    try:
        points = Decimal(margin)
    except InvalidOperation:
        points = Decimal("nan")
    if not points.is_finite() or not 0 <= points < 100:
        raise Refusal(f"--margin {str(margin)!r} is no number of percentage points", "Write it as 0.5")
    return points


# ---------------------------------------------------------------- the document


def document(found: Verification) -> dict[str, Any]:
    """The verification as one JSON document of plain values."""
    trial, claim = found.trial, found.claim
    return {
        "format": 1,
        "kind": "verification",
        "model": found.network.about(),
        "metric": found.metric,
        "claim": {
            "value": str(claim.value),
            "as_written": claim.as_written,
            "source": str(claim.source),
            "weights": claim.weights,
            "date": claim.date,
            "not_before": claim.not_before,
            "not_after": claim.not_after,
            "why": found.why_claim,
            "true_of": _counts(trial.claimed),
            "margin": str(trial.margin),
        },
        "measured": {
            "source": found.source,
            "value": str(trial.value),
            "correct": trial.correct,
            "n": trial.images,
            "left_out": found.left_out,
            "level": trial.level,
            "ci": _outwards(trial.ci),
            "validation_set": _counts(trial.possible) if found.fit else None,
        },
        "verdict": found.verdict,
        "why": found.why,
        "p_value": trial.p_value if found.fit else None,
        "images_used": trial.images,
        "stopped_early": trial.stopped,
        "attribution": [{"what": r.what, "words": r.words, **r.evidence} for r in found.attribution],
        "against": None if found.against is None else _against(found.against),
    }


def _counts(counts: Counts) -> dict[str, int]:
    return {"least": counts.least, "most": counts.most, "of": counts.of}


def _outwards(ci: tuple[float, float]) -> list[str]:
    """An interval to a thousandth, rounded so that it only grows."""
    low, high = math.floor(Fraction(ci[0]) * 1000), math.ceil(Fraction(ci[1]) * 1000)
    return [str(Decimal(max(low, 0)).scaleb(-3)), str(Decimal(min(high, 100_000)).scaleb(-3))]


def _named(number: int) -> dict[str, str]:
    """A class's WordNet id and name."""
    return {"wnid": synsets()[number], "name": names()[number]}


def _against(other: Paired) -> dict[str, Any]:
    numbers = ("both", "first_only", "second_only", "neither", "same_answer", "unpaired", "p_value")
    return {
        "source": other.source,
        "images": other.images,
        **{name: getattr(other, name) for name in numbers},
        "classes": [
            {"class": gap.number, **_named(gap.number), "images": gap.images, "first": gap.first, "second": gap.second}
            for gap in other.classes
        ],
    }
