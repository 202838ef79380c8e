"""The parameter count that a zoo publishes is not that of its graph.

Why it matters: either the figure belongs to another network, or the graph is not the one described. What is no
discrepancy: figures rounded as printed; counts without the running statistics of batch normalization (as PyTorch's
are); counts without the scale of batch normalizations that learn none (a graph has ones in its place); and differences
no larger than what the graph holds of settings (single numbers, and constants in front of the first weighted operator,
which prepare the image).

What to do: find which network the published figure belongs to; it may include parts that only training uses.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from zoodiff.accuracy.claim import step
from zoodiff.measuring.measurement import Measurement
from zoodiff.survey.finding import Finding, Severity
from zoodiff.survey.study import Entry, Study


def judge(study: Study) -> Iterator[Finding]:
    """Hold every published parameter count of a model against its graph's."""
    for entry in study.entries:
        if not isinstance(entry.measurement, Measurement) or not entry.measurement.counts.complete:
            continue
        counts = entry.measurement.counts
        plain = {counts.params.value, counts.params.value - counts.statistics}
        explained = plain | {count - counts.statistics // 2 for count in plain}  # scales: half of means and variances
        off = {figure: told for figure, told in _published(entry).items() if not _fits(figure, told[0], explained)}
        for figure, (rounding, sources) in off.items():
            if not _fits(figure, rounding + entry.measurement.settings, explained):
                yield _finding(entry, figure, sources, plain)


def _finding(entry: Entry, figure: Decimal, sources: list[str], fitting: set[int]) -> Finding:
    nearest = min(fitting, key=lambda count: abs(count - figure))
    off = 100 * abs(figure - nearest) / nearest
    told = f"{off:.1f} % off" if off >= Decimal("0.1") else "less than 0.1 % off"
    severity: Severity = "medium" if off >= 5 else "low" if off >= Decimal("0.5") else "info"
    return Finding(
        id="published-parameters",
        title=f"{entry.ref} is said to have {int(figure):,} parameters; its graph has {nearest:,} ({told})",
        severity=severity,
        confidence="low" if entry.network.stand_in else "high",
        architecture=entry.naming.architecture,
        models=(entry.ref,),
        evidence={"published": str(figure), "sources": sources, "graph": sorted(fitting)},
        disproof="the figure is about another model or another counting, and says so where it stands",
        next_step=f"zoodiff measure {entry.ref} --by layer",
    )


def _fits(figure: Decimal, tolerance: Decimal, counts: set[int]) -> bool:
    return any(abs(count - figure) <= tolerance for count in counts)


def _published(entry: Entry) -> dict[Decimal, tuple[Decimal, list[str]]]:
    """Each published figure with what rounding as printed allows (half its last digit), and where it stands."""
    found: defaultdict[Decimal, tuple[Decimal, list[str]]] = defaultdict(lambda: (Decimal(0), []))
    own = entry.weights.id if entry.weights else None
    if entry.weights and entry.weights.params:
        found[Decimal(entry.weights.params)][1].append("the zoo's own record")
    for told in entry.claims:
        if told.metric == "params" and told.weights in (None, own):
            rounding, sources = found[told.value]
            found[told.value] = (max(rounding, step(told) / 2), [*sources, str(told.source)])
    return dict(found)
