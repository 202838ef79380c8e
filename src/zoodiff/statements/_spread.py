"""Claims of one architecture that lie far apart, as the study counts them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from zoodiff.survey.original import Statement
from zoodiff.survey.then import Answer, Then, source

IMAGES = "images"


def far_apart(then: Then, told: Statement, metric: str) -> Answer:
    """How many architectures' claims differ by the statement's threshold or more, and by more than it."""
    spreads, threshold = then.spreads(metric), Decimal(told.given["threshold"])
    wide = {name: spread for name, spread in spreads.items() if spread >= threshold}
    level = [name for name, spread in wide.items() if spread == threshold]
    binary = [name for name in spreads if in_binary(then, name, metric) > float(threshold)]
    images = threshold * int(told.given[IMAGES]) / 100
    why = f"{len(wide)} of {len(spreads)} architectures lie {threshold} points ({images:.0f} images) or more apart."
    if level:
        why += (
            f" In exact decimals {', '.join(level)} lies exactly {threshold} apart, so that {len(wide) - len(level)} "
            f"lie farther; as binary numbers it is {in_binary(then, level[0], metric)!r}, and {len(binary)} do."
        )
    return Answer(
        {"above": len(wide), "of": len(spreads), "share": 100 * Decimal(len(wide)) / max(1, len(spreads))},
        why,
        {"spreads": wide, "strictly_above": len(wide) - len(level), "strictly_above_in_binary": len(binary)},
    )


def in_binary(then: Then, architecture: str, metric: str) -> float:
    """An architecture's spread as binary floating-point numbers subtract it."""
    values = [float(value) for value in then.claims(metric)[architecture].values()]
    return max(values) - min(values)


def points(then: Then, architecture: str, metric: str) -> list[dict[str, Any]]:
    """The claims of one architecture with their sources, highest first."""
    values = then.claims(metric)[architecture]
    ordered = sorted(values, key=lambda zoo: -values[zoo])
    return [source(then.entries[architecture][zoo], metric) for zoo in ordered]
