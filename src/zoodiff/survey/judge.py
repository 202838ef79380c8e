"""One statement of the study of 2022 against the tool's own numbers: the same, or different and why."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any, Literal

import msgspec

from zoodiff import unit
from zoodiff.record import Unmeasured
from zoodiff.survey.original import Figure, original
from zoodiff.survey.then import Between, Then

Grade = Literal["same", "last digit", "different", "not known"]
Status = Literal["same", "different", "not-checkable"]


class Judged(msgspec.Struct, frozen=True):
    """One statement, and what the tool's own data say to it."""

    id: str
    text: str
    where: str
    paper: dict[str, Figure]
    ours: dict[str, Any]
    status: Status
    why: str
    numbers: dict[str, Grade]
    """of each number whether it is that printed; `last digit`: a unit of the last digit apart"""
    evidence: dict[str, Any]


def judge(name: str, then: Then) -> Judged:
    """One statement against the tool's own numbers."""
    told = original().statement[name]
    answer = unit.find("statements", name).answer(then, told)
    numbers = {
        key: grade(printed, answer.ours[key], measured=key in told.measured) for key, printed in told.paper.items()
    }
    close = [key for key, found in numbers.items() if found == "last digit"]
    notes = [f"{key.replace('_', ' ')} is {_shown(answer.ours[key])}, printed {told.paper[key]}" for key in close]
    why = f"{answer.why} A unit of the last digit apart: {'; '.join(notes)}." if notes else answer.why
    return Judged(
        id=name,
        text=told.text,
        where=told.where,
        paper=told.paper,
        ours={key: plain(value) for key, value in answer.ours.items()},
        status=_status(numbers.values()),
        why=why,
        numbers=numbers,
        evidence=plain(answer.evidence),
    )


def grade(printed: Figure, ours: Any, *, measured: bool = False) -> Grade:
    """Whether a number is the one printed, to the digits that are printed.

    A number that the study `measured` may have been rounded or cut off, before or after it was divided, so there a unit
    of the last digit is no difference, and is named.
    """
    if isinstance(ours, Unmeasured):
        return "not known"
    if isinstance(ours, Between):
        ends = {grade(printed, end, measured=measured) for end in (ours.low, ours.high)}
        return "not known" if ends - {"different"} or ours.low < Decimal(printed) < ours.high else "different"
    if isinstance(printed, bool | int) or not isinstance(ours, Decimal | int | Fraction) or isinstance(ours, bool):
        return "same" if ours == printed else "different"
    unit_ = Decimal(1).scaleb(int(Decimal(printed).as_tuple().exponent))
    exact = Decimal(ours.numerator) / ours.denominator if isinstance(ours, Fraction) else Decimal(ours)
    rounded = exact.quantize(unit_, ROUND_HALF_UP)
    if rounded == Decimal(printed):
        return "same"
    return "last digit" if measured and abs(rounded - Decimal(printed)) <= unit_ else "different"


def plain(value: Any) -> Any:
    """A value as JSON has it: decimals as text, never in powers of ten; fractions to four decimals."""
    if isinstance(value, Unmeasured):
        return {"unknown": value.reason}
    if isinstance(value, Between):
        return {"from": plain(value.low), "to": plain(value.high), "unknown": value.why}
    if isinstance(value, Decimal):
        return f"{value:f}" if len(value.as_tuple().digits) < 20 else f"{value:.4f}"
    if isinstance(value, Fraction):
        return f"{float(value):.4f}"
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value


def _status(grades: Iterable[Grade]) -> Status:
    found = set(grades)
    if "different" in found:
        return "different"
    return "not-checkable" if "not known" in found else "same"


def _shown(value: Any) -> str:
    return str(value.quantize(Decimal("0.001"), ROUND_DOWN).normalize()) if isinstance(value, Decimal) else str(value)
