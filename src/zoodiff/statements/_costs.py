"""What the zoos' models of one architecture cost, widest gap first, by the study's tools and in one convention."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from zoodiff.survey.then import Counts, Then, costs

MACS = "macs"


def excess(values: dict[str, Decimal]) -> Decimal:
    """By how many per cent the most exceeds the fewest."""
    return 100 * (max(values.values()) / min(values.values()) - 1)


def gaps(counts: Counts) -> dict[str, Decimal]:
    """The excess of every architecture that two zoos or more have a count for, largest first."""
    found = {name: excess(values) for name, values in counts.items() if len(values) > 1}
    return dict(sorted(found.items(), key=lambda row: (-row[1], row[0])))


def figure(then: Then, convention: str | None = None, most: int = 10) -> list[dict[str, Any]]:
    """The rows of Figure 3: by architecture the excess in per cent and each zoo's count, most first."""
    counts = then.counts(convention)
    return [
        {
            "architecture": name,
            "excess": gap,
            "counts": dict(sorted(counts[name].items(), key=lambda row: -row[1])),
            "models": [costs(entry) for entry in then.entries[name].values()],
        }
        for name, gap in list(gaps(counts).items())[:most]
    ]
