"""A claim was measured at another input size than the model's own.

Why it matters: whoever loads the model and feeds it what it takes by default gets another accuracy than was claimed,
and another cost. Where the claim itself states no size, but the same figure stands elsewhere with one, that is its size
in all likelihood: then the confidence is medium.

What to do: measure at the stated size (`zoodiff measure MODEL --input ...` says what that costs), or find a claim for
the model's own size.
"""

from __future__ import annotations

from collections.abc import Iterator

from zoodiff.accuracy.choice import Chosen
from zoodiff.accuracy.claim import step
from zoodiff.record import Claim
from zoodiff.survey.finding import Finding
from zoodiff.survey.study import Entry, Study


def judge(study: Study) -> Iterator[Finding]:
    """Compare the size at which each model's top-1 claim was measured with the size that its graph takes."""
    for entry in study.entries:
        if entry.size is None or not isinstance(entry.top1, Chosen) or entry.naming.quantised:
            continue
        told = entry.top1.claim
        stating = told if told.input_size else _elsewhere(entry, told)
        if stating is None or stating.input_size == entry.size:
            continue
        said = "" if stating is told else f" (as the same figure in {stating.source} says)"
        yield Finding(
            id="claim-elsewhere",
            title=f"{entry.ref}: the claim of {told.value} % top-1 is for input {stating.input_size}{said}, "
            f"the model's own is {entry.size}",
            severity="medium",
            confidence="high" if stating is told else "medium",
            architecture=entry.naming.architecture,
            models=(entry.ref,),
            evidence={
                "claim": {"value": str(told.value), "source": str(told.source), "input_size": told.input_size},
                "stated": {
                    "value": str(stating.value),
                    "source": str(stating.source),
                    "input_size": stating.input_size,
                    "preprocessing": stating.preprocessing,
                },
                "input": entry.size,
            },
            disproof="the zoo's own measurement of the same figure at the model's own input size",
            next_step=f"zoodiff claims {entry.ref}",
        )


def _elsewhere(entry: Entry, told: Claim) -> Claim | None:
    """A claim of the same figure that states a size; None where none does, or where one states the model's own."""
    same = [
        other
        for other in entry.claims
        if other.metric == told.metric
        and other.input_size
        and (other.weights or told.weights) == (told.weights or other.weights)
        and abs(other.value - told.value) <= max(step(other), step(told)) / 2
    ]
    if not same or any(other.input_size == entry.size for other in same):
        return None
    return same[0]
