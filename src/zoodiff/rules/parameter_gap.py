"""Models of one architecture have different numbers of parameters.

Why it matters: unlike computation, the number of parameters does not depend on the input size: a gap means another
network. A gap of the size that 1001 instead of 1000 classes make is left out, and so is what statistics of batch
normalization make.

What to do: measure both by layer and see where they part.
"""

from __future__ import annotations

from collections.abc import Iterator

from zoodiff.measuring.measurement import Measurement
from zoodiff.survey.finding import Finding, Severity
from zoodiff.survey.study import Entry, Study

CLASSES = 1.5
"""Per cent: more than one class of 1000 makes of any classifier, however small the rest of the network."""


def judge(study: Study) -> Iterator[Finding]:
    """Compare the most with the fewest learned parameters of each architecture."""
    for group in study.shared:
        learned = {entry.ref: count for entry in group.counted if (count := _learned(entry)) is not None}
        ranked = sorted(learned, key=lambda ref: (learned[ref], ref))
        if len({ref.partition(":")[0] for ref in ranked}) < 2:
            continue
        low, high = ranked[0], ranked[-1]
        gap = 100 * (learned[high] - learned[low]) / learned[low]
        if gap <= CLASSES:
            continue
        severity: Severity = "high" if gap >= 20 else "medium" if gap >= 5 else "low"
        yield Finding(
            id="parameter-gap",
            title=f"{high} has {gap:.1f} % more parameters than {low}",
            severity=severity,
            confidence="high",
            architecture=group.architecture,
            models=(high, low),
            evidence={"learned_parameters": {ref: learned[ref] for ref in ranked}},
            disproof="a graph that is not the published one",
            next_step=f"zoodiff measure {high} {low} --by layer",
        )


def _learned(entry: Entry) -> int | None:
    if not isinstance(entry.measurement, Measurement) or entry.naming.quantised:
        return None
    return entry.measurement.counts.params.value - entry.measurement.counts.statistics
