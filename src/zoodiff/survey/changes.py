"""What became of the claims that the study of 2022 compared: standing, about new weights, corrected, gone or new."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Literal

import msgspec

from zoodiff.accuracy.choice import Chosen
from zoodiff.record import Unmeasured
from zoodiff.survey.then import Then

Fate = Literal["standing", "rounded", "new weights", "another number", "no longer claimed", "not known then"]


class Change(msgspec.Struct, frozen=True):
    """One claim of then beside that of today."""

    architecture: str
    ref: str
    metric: str
    then: Decimal | None
    today: Decimal | None
    fate: Fate
    why: str
    """where the two were read, or why there is none"""


def changes(then: Then, today: Then) -> list[Change]:
    """Every top-1 and top-5 claim that was compared then or would be today, by architecture and zoo."""
    found = []
    for architecture, own in then.entries.items():
        for zoo, entry in own.items():
            later = today.entries[architecture][zoo]
            for metric, before, after in (("acc@1", entry.top1, later.top1), ("acc@5", entry.top5, later.top5)):
                if isinstance(before, Chosen) or isinstance(after, Chosen):
                    value, now = (one.claim.value if isinstance(one, Chosen) else None for one in (before, after))
                    why = f"{_read(before)}; today {_read(after)}"
                    found.append(Change(architecture, entry.ref, metric, value, now, fate(before, after), why))
    return found


def fates(found: list[Change]) -> dict[str, dict[str, int]]:
    """By metric, how many claims met which fate, the commonest first."""
    counted = {metric: Counter(one.fate for one in found if one.metric == metric) for metric in ("acc@1", "acc@5")}
    return {metric: dict(several.most_common()) for metric, several in counted.items()}


def fate(before: Chosen | Unmeasured, after: Chosen | Unmeasured) -> Fate:
    """What became of one claim."""
    if not isinstance(after, Chosen):
        return "no longer claimed"
    if not isinstance(before, Chosen):
        return "not known then"
    one, other = before.claim, after.claim
    if one.weights and other.weights and one.weights != other.weights:
        return "new weights"
    if one.value == other.value:
        return "standing"
    exponents = [int(claim.value.as_tuple().exponent) for claim in (one, other)]
    coarse = Decimal(1).scaleb(max(exponents))
    return "rounded" if abs(one.value - other.value) <= coarse / 2 else "another number"


def _read(chosen: Chosen | Unmeasured) -> str:
    return chosen.reason if isinstance(chosen, Unmeasured) else str(chosen.claim.source)
