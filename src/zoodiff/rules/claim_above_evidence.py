"""A zoo claims more of its weights than anybody else has measured of them.

Why it matters: this is what a claim that is too high looks like. Rounding as printed is allowed for, and what another
machine makes of the same weights where images were prepared as the zoo says (0.030 points at most), or what another
preprocessing makes of them where nothing is known of it (2.062 points; see docs/noise.md). Measurements of which it
is known that images were prepared otherwise do not count. Where none is known to follow the zoo's own preprocessing the
confidence is low: then the measurers' preprocessing may still be the reason.

What to do: `zoodiff claims ZOO:MODEL` shows each measurement with its source and says how the same weights are known.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from zoodiff.accuracy import claim, evidence, noise
from zoodiff.accuracy.choice import Chosen, choose
from zoodiff.accuracy.evidence import Evidence
from zoodiff.record import Weights
from zoodiff.survey.finding import Finding
from zoodiff.survey.study import Entry, Study


def judge(study: Study) -> Iterator[Finding]:
    """Compare the top-1 claim of each set of weights with all that was measured of it."""
    for entry in study.entries:
        for weights in entry.record.weights:
            known = evidence.comparable(evidence.of(entry.zoo, entry.network.name, weights.id, "acc@1"))
            size = _size(weights, entry)
            chosen = choose(entry.claims, "acc@1", weights.id, study.as_of, size)
            if not known or not isinstance(chosen, Chosen) or chosen.claim.input_size not in (None, size):
                continue
            telling = tuple(one for one in known if one.as_the_zoo_prepares) or known
            highest = max(one.value for one in known)
            if all(chosen.claim.value - highest > _allowed(chosen, one) for one in telling):
                yield _finding(entry, weights.id, chosen, known)


def _size(weights: Weights, entry: Entry) -> int | None:
    """The height of the image that these weights take."""
    shape = weights.input_shape
    if shape is None or len(shape) != 4:
        return entry.size
    return shape[1] if shape[3] in (1, 3) else shape[2]


def _allowed(chosen: Chosen, one: Evidence) -> Decimal:
    """Points by which a true claim may be above a measurement."""
    pipeline = noise.EQUAL if one.as_the_zoo_prepares else noise.DIFFERENT
    return max(claim.step(chosen.claim), one.step) / 2 + pipeline


def _finding(entry: Entry, weights: str, chosen: Chosen, known: tuple[Evidence, ...]) -> Finding:
    told = chosen.claim
    best = max(known, key=lambda one: one.value)
    established = any(one.as_the_zoo_prepares for one in known)
    how = "" if established else ", how images were prepared is not known"
    return Finding(
        id="claim-above-evidence",
        title=f"{entry.ref} claims {told.value} % top-1, and {best.value} % is the most that others measured of "
        f"these weights ({weights}){how}",
        severity="high" if established else "medium",
        confidence="high" if established else "low",
        architecture=entry.naming.architecture,
        models=(entry.ref,),
        evidence={
            "claim": {"value": str(told.value), "source": str(told.source), "weights": told.weights},
            "gap": str(told.value - best.value),
            "measured": [
                {
                    "value": str(one.value),
                    "allowed": str(_allowed(chosen, one)),
                    "measured_by": one.measured_by,
                    "as_the_zoo_prepares": one.as_the_zoo_prepares,
                    "source": str(one.source),
                    "same_weights_because": one.same_weights_because,
                }
                for one in known
            ],
        },
        disproof="a measurement of the same weights, with the zoo's own preprocessing, that reaches the claim",
        next_step=f"zoodiff claims {entry.ref}/{weights}",
    )
