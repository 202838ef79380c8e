"""Two measurements of the same weights say different things.

Why it matters: at most one of them shows what the model does, so a claim must not be judged by either alone. Beyond
rounding, the same weights came out at most 0.030 points apart where images were prepared in one way, and 2.062 where
not (see docs/noise.md): below the first nothing is said, between the two the preprocessing is the likely reason, and
beyond both something else is: other weights, labels, or a fault of one pipeline.

What to do: `zoodiff claims ZOO:MODEL` shows how each was made; measure it yourself where it matters.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from zoodiff.accuracy import evidence, noise
from zoodiff.accuracy.evidence import Evidence
from zoodiff.survey.finding import Finding, Severity
from zoodiff.survey.study import Entry, Study


def judge(study: Study) -> Iterator[Finding]:
    """Report the two measurements of each set of weights that are farthest apart, where noise does not explain it."""
    for entry in study.entries:
        for weights in entry.record.weights:
            known = evidence.of(entry.zoo, entry.network.name, weights.id, "acc@1")
            pairs = [pair for pair in combinations(known, 2) if _apart(*pair) > _allowed(*pair)]
            if pairs:
                yield _finding(entry, *max(pairs, key=lambda pair: _apart(*pair) - _allowed(*pair)))


def _apart(one: Evidence, other: Evidence) -> float:
    return float(abs(one.value - other.value))


def _allowed(one: Evidence, other: Evidence) -> float:
    """Points that rounding and noise explain: the machine's where both prepared images as the zoo says."""
    alike = one.as_the_zoo_prepares is True and other.as_the_zoo_prepares is True
    return float(max(one.step, other.step) / 2 + (noise.EQUAL if alike else noise.DIFFERENT))


def _finding(entry: Entry, one: Evidence, other: Evidence) -> Finding:
    alike = one.as_the_zoo_prepares is True and other.as_the_zoo_prepares is True
    severity: Severity = "medium" if alike else "low"
    high, low = sorted((one, other), key=lambda e: e.value, reverse=True)
    return Finding(
        id="contradicting-evidence",
        title=f"{entry.ref}: {high.measured_by} measured {high.value} % top-1, {low.measured_by} {low.value} %, of the "
        f"same weights ({one.weights})",
        severity=severity,
        confidence="high" if alike else "medium",
        architecture=entry.naming.architecture,
        models=(entry.ref,),
        evidence={
            "apart": str(high.value - low.value),
            "explained_by_noise": str(noise.EQUAL if alike else noise.DIFFERENT),
            "measured": [
                {
                    "value": str(e.value),
                    "measured_by": e.measured_by,
                    "preprocessing": e.preprocessing,
                    "as_the_zoo_prepares": e.as_the_zoo_prepares,
                    "source": str(e.source),
                    "same_weights_because": e.same_weights_because,
                }
                for e in (high, low)
            ],
        },
        disproof="the two were made of other weights after all, or one source is misread",
        next_step=f"zoodiff claims {entry.ref}/{one.weights}",
    )
