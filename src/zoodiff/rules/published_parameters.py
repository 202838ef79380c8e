"""The parameter count that a zoo publishes is not that of its graph.

Why it matters: either the figure belongs to another network, or the graph is not the one described. Counts that leave
out the running statistics of batch normalization (as PyTorch's do), and figures rounded as printed, are no discrepancy.

What to do: find which network the published figure belongs to.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from zoodiff.claim import step
from zoodiff.compare import Entry, Study
from zoodiff.finding import Finding, Severity
from zoodiff.measurement import Measurement


def judge(study: Study) -> Iterator[Finding]:
    """Hold every published parameter count of a model against its graph's."""
    for entry in study.entries:
        if not isinstance(entry.measurement, Measurement) or not entry.measurement.counts.complete:
            continue
        counts = entry.measurement.counts
        fitting = {counts.params.value, counts.params.value - counts.statistics}
        for figure, tolerance, source in _published(entry):
            nearest = min(fitting, key=lambda count: abs(count - figure))
            if abs(nearest - figure) <= tolerance:
                continue
            off = 100 * abs(figure - nearest) / nearest
            severity: Severity = "medium" if off >= 5 else "low" if off >= Decimal("0.5") else "info"
            yield Finding(
                id="published-parameters",
                title=f"{entry.ref} is said to have {figure:,} parameters; its graph has {nearest:,} ({off:.1f} % off)",
                severity=severity,
                confidence="low" if entry.network.stand_in else "high",
                architecture=entry.naming.architecture,
                models=(entry.ref,),
                evidence={"published": str(figure), "source": source, "graph": sorted(fitting)},
                disproof="the figure is about another model or another counting, and says so where it stands",
                next_step=f"zoodiff measure {entry.ref}",
            )


def _published(entry: Entry) -> Iterator[tuple[Decimal, Decimal, str]]:
    """Each published figure with what rounding as printed allows (half its last digit), and where it stands."""
    if entry.weights and entry.weights.params:
        yield Decimal(entry.weights.params), Decimal(0), "the zoo's own record"
    for told in entry.claims:
        if told.metric == "params" and told.weights in (None, entry.weights.id if entry.weights else None):
            yield told.value, step(told) / 2, str(told.source)
