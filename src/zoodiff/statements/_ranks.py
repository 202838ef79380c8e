"""Table 1 of the study: in what part of its models a zoo has the highest and the lowest value."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from zoodiff.record import Unmeasured
from zoodiff.survey.original import Statement
from zoodiff.survey.tables import Rank, ranks
from zoodiff.survey.then import Answer, Then

ENDS = {"highest": max, "lowest": min}
COUNTED = {
    "all": "every zoo is counted",
    "none": "no zoo is counted",
    "first": "the zoo that the study names first is counted",
    "last": "the zoo that the study names last is counted",
}
Values = dict[str, dict[str, Decimal]]


def table(then: Then, told: Statement, metric: str) -> Answer:
    """Every cell of the table, and for cells that are others than printed which ties would make them equal."""
    values = then.claims(metric)
    rows = ranks(values.values(), then.zoos, then.ties)
    ours = {f"{row.zoo}_{end}": share(row, end) for row in rows for end in ENDS}
    ties = list(tied(values))
    found = [told_by_ties(told, row, end, values, ties) for row in rows for end in ENDS]
    why = " ".join(filter(None, found)) or f"{len(values)} architectures; of a tie, {COUNTED[then.ties]}."
    return Answer(ours, why, {"models": {row.zoo: row.models for row in rows}, "cells": cells(rows), "ties": ties})


def share(row: Rank, end: str) -> Decimal | Unmeasured:
    """A zoo's models at one end, in per cent of those that are compared."""
    if not row.models:
        return Unmeasured("no other zoo has a value to compare with")
    return 100 * Decimal(times(row, end)) / row.models


def times(row: Rank, end: str) -> int:
    """How often a zoo is at one end."""
    return row.highest if end == "highest" else row.lowest


def cells(rows: tuple[Rank, ...]) -> dict[str, str]:
    """The cells as fractions."""
    return {f"{row.zoo}_{end}": f"{times(row, end)} of {row.models}" for row in rows for end in ENDS}


def tied(values: Values) -> Iterator[dict[str, Any]]:
    """Where several zoos have the highest or the lowest value of an architecture."""
    for name, own in values.items():
        for end, extreme in ENDS.items():
            best = extreme(own.values())
            equal = [zoo for zoo, value in own.items() if value == best]
            if len(equal) > 1:
                yield {"architecture": name, "end": end, "zoos": equal, "value": best}


def told_by_ties(told: Statement, row: Rank, end: str, values: Values, ties: list[dict[str, Any]]) -> str:
    """A sentence where a cell is another than printed: whether it is that of another way to count the zoo's ties."""
    printed, found = int(told.paper[f"{row.zoo}_{end}"]), share(row, end)
    if isinstance(found, Unmeasured) or round(found) == printed:
        return ""
    cell = f"{row.zoo} {end}: {times(row, end)} of {row.models} ({found:.1f} %), printed {printed} %"
    own = [tie for tie in ties if tie["end"] == end and row.zoo in tie["zoos"]]
    alone = sum(row.zoo in one and ENDS[end](one.values()) == one[row.zoo] for one in values.values()) - len(own)
    if any(round(100 * Decimal(alone + few) / row.models) == printed for few in range(len(own) + 1)):
        names = "; ".join(f"{tie['architecture']}, {' and '.join(tie['zoos'])} at {tie['value']}" for tie in own)
        return f"{cell}, which it is if this tie is counted otherwise: {names}."
    return f"{cell}; no way to count its ties gives that."
