"""Answer every statement of the study of 2022 from the tool's own data, and say how firm the answers are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from zoodiff import unit
from zoodiff.fault import Refusal
from zoodiff.measuring.batch import Progress
from zoodiff.reading.reference import nearest
from zoodiff.survey.availability import availability
from zoodiff.survey.availability import document as tabulated
from zoodiff.survey.changes import changes, fates
from zoodiff.survey.editions import table_1
from zoodiff.survey.judge import Judged, Status, judge
from zoodiff.survey.original import combinations, original
from zoodiff.survey.then import Models, Then, gather

FORMAT: Final = 1
MONTHS: Final = tuple(f"2022-{month:02}-01" for month in range(1, 9))
"""Days on which the statements that rest on claims are tried."""


class Tried(msgspec.Struct, frozen=True):
    """The statements that rest on claims, under one set of options or on one day."""

    under: dict[str, str]
    """the options by choice, or the day as `as_of`"""
    same: int
    """how many of the printed numbers come out"""
    of: int
    statements: dict[str, Status]


class Robustness(msgspec.Struct, frozen=True):
    """How far the numbers that rest on claims depend on what the study left open."""

    combinations: int
    best: tuple[Tried, ...]
    """those under which the most numbers come out"""
    taken: Tried
    one_changed: tuple[Tried, ...]
    """each other option alone"""
    numbers: dict[str, int]
    """under how many combinations a number (`ID.NAME`) comes out"""


@dataclass(frozen=True)
class Reproduction:
    """Every statement that was asked for, how firm the answers are, and the models of then and of today."""

    as_of: str
    why_as_of: str
    statements: tuple[Judged, ...]
    dates: tuple[Tried, ...]
    choices: Robustness | None
    """None where no statement that was asked for rests on claims"""
    then: Then
    today: Then
    whole: bool
    """whether all statements were asked for"""


def reproduce(
    ids: Sequence[str] = (), as_of: str | None = None, models: Models | None = None, progress: Progress | None = None
) -> Reproduction:
    """Judge the statements that are asked for (all, where none is), with the claims in force on a day.

    Without `as_of` the day is that which the study is taken to have looked. `models` are measured unless they are
    given. Raises Refusal on an unknown statement.
    """
    wanted = known(ids)
    moment = as_of or original().as_of
    models = models or gather(progress)
    then = models.then(moment)
    claiming = [name for name in wanted if unit.find("statements", name).RESTS_ON == "claims"]
    return Reproduction(
        as_of=moment,
        why_as_of=original().why_as_of if moment == original().as_of else "the day that was asked for",
        statements=tuple(judge(name, then) for name in wanted),
        dates=tuple(_tried(claiming, models.then(day), {"as_of": day}) for day in MONTHS) if claiming else (),
        choices=robustness(claiming, models, moment) if claiming else None,
        then=then,
        today=models.then(None),
        whole=not ids,
    )


def known(ids: Sequence[str]) -> list[str]:
    """The statements that are meant, in the study's order; all where none is asked for. Raises Refusal."""
    every = list(original().statement)
    for name in ids:
        if name not in every:
            near = nearest(name, every)
            raise Refusal(f"the study has no statement {name!r}", f"Nearest: {', '.join(near or every)}.")
    return [name for name in every if not ids or name in ids]


# ---------------------------------------------------------------- how firm the answers are


def robustness(ids: Sequence[str], models: Models, as_of: str) -> Robustness:
    """Judge the statements under every combination of the options that the study leaves open."""
    taken, *others = combinations()
    firm: Counter[str] = Counter()
    tried = [_tried(ids, models.then(as_of, chosen), chosen, firm) for chosen in (taken, *others)]
    most = max(one.same for one in tried)
    return Robustness(
        combinations=len(tried),
        best=tuple(one for one in tried if one.same == most),
        taken=tried[0],
        one_changed=tuple(one for one in tried if sum(taken[name] != said for name, said in one.under.items()) == 1),
        numbers=dict(firm),
    )


def _tried(ids: Sequence[str], then: Then, under: dict[str, str], firm: Counter[str] | None = None) -> Tried:
    judged = [judge(name, then) for name in ids]
    grades = {f"{one.id}.{key}": found for one in judged for key, found in one.numbers.items()}
    same = [key for key, found in grades.items() if found == "same"]
    if firm is not None:
        firm.update({key: key in same for key in grades})
    return Tried(under, len(same), len(grades), {one.id: one.status for one in judged})


# ---------------------------------------------------------------- JSON


def document(reproduction: Reproduction) -> dict[str, Any]:
    """The reproduction as the JSON document that `reproduce --json` prints.

    Where all statements were asked for also Table 1 then and today, what became of each claim, and the availability.
    """
    about = original()
    made: dict[str, Any] = {
        "format": FORMAT,
        "kind": "reproduction",
        "study": {"title": about.title, "doi": about.doi, "url": about.url},
        "as_of": reproduction.as_of,
        "why_as_of": reproduction.why_as_of,
        "statements": msgspec.to_builtins(reproduction.statements),
        "dates": msgspec.to_builtins(reproduction.dates),
        "choices": msgspec.to_builtins(reproduction.choices),
    }
    if reproduction.whole:
        made["table_1"] = msgspec.to_builtins(table_1(reproduction.then, reproduction.today))
        told = changes(reproduction.then, reproduction.today)
        made["fates"] = fates(told)
        made["changes"] = msgspec.to_builtins(told)
        made["availability"] = tabulated(availability(reproduction.as_of))
    return made
