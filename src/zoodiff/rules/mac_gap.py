"""Models of one architecture need different amounts of computation.

Why it matters: the same name is taken to mean the same cost. A gap above 10 % in multiply-accumulates comes from
another input size or from another network; small gaps come from the number of classes and the like. The counts are
exact and of one convention, so no part of the gap is due to the counting. Zoos are compared, by one model of each (that
with the highest claim); a zoo whose own models of one name differ is told by the rule `different-networks`.

What to do: compare input sizes first; where they are equal, the networks differ.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from zoodiff.survey.finding import Finding, Severity
from zoodiff.survey.study import Study

THRESHOLD = Fraction(11, 10)


def judge(study: Study) -> Iterator[Finding]:
    """Compare the most with the fewest multiply-accumulates of each architecture, one model of each zoo."""
    for group in study.shared:
        ratio = group.macs_ratio
        if ratio is None or ratio <= THRESHOLD:
            continue
        ranked = sorted(group.by_zoo("macs").values(), key=lambda entry: (entry.macs or 0, entry.ref))
        low, high = ranked[0], ranked[-1]
        severity: Severity = "high" if ratio >= Fraction(3, 2) else "medium"
        sizes = f" (input {high.size} against {low.size})" if high.size != low.size else ""
        yield Finding(
            id="mac-gap",
            title=f"{high.ref} needs {float(ratio):.2f} x the multiply-accumulates of {low.ref}{sizes}",
            severity=severity,
            confidence="high",
            architecture=group.architecture,
            models=(high.ref, low.ref),
            evidence={
                "macs": {entry.ref: entry.macs for entry in ranked},
                "ratio": round(float(ratio), 4),
                "input": {entry.ref: entry.size for entry in ranked},
                "group": {entry.ref: entry.letter for entry in ranked},
                "convention": "multiply-accumulates, one convention for all",
            },
            disproof="a graph that is not the published one",
            next_step=f"zoodiff measure {high.ref} {low.ref} --by block",
        )
