"""Which of the zoos that the study of 2022 chose from have which architectures, and which four share the most.

Of zoos with a snapshot: the models of which they made a claim by the day. Of the others: `claims/candidates/`, one CSV
a zoo, each row an architecture under the name that the zoo publishes (`published`), with the plain name that it is read
as, and where it stands.
"""

from __future__ import annotations

import csv
import itertools
from collections import Counter
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

from zoodiff.accuracy import claim
from zoodiff.accuracy.choice import Chosen, choose
from zoodiff.reading import names
from zoodiff.reading.reference import snapshot, zoos
from zoodiff.survey.original import members, original

Have = dict[str, dict[str, str]]
"""By zoo and architecture the name of one model there, or where it is listed."""


class Four(msgspec.Struct, frozen=True):
    """Four zoos, and how much they share."""

    zoos: tuple[str, ...]
    shared: int
    """architectures that two or more of them have"""


class Availability(msgspec.Struct, frozen=True):
    """Architectures by zoos."""

    as_of: str
    have: Have
    shared: tuple[str, ...]
    """the architectures that two or more of all zoos have"""
    of_the_study: dict[str, int]
    """by zoo, how many of the study's 36 architectures it has"""
    best: tuple[Four, ...]
    """the fours that share the most"""
    chosen: Four
    """the study's four"""
    place: int
    """how many fours share more than the study's"""


def availability(as_of: str) -> Availability:
    """Tabulate all candidate zoos as of a day."""
    have = {zoo: _own(zoo, as_of) if zoo in zoos() else _listed(zoo) for zoo in original().candidates}
    fours = [Four(four, _shared(have[zoo] for zoo in four)) for four in itertools.combinations(have, 4)]
    most = max(four.shared for four in fours)
    chosen = next(four for four in fours if set(four.zoos) == set(original().tools))
    counted = Counter(architecture for own in have.values() for architecture in own)
    return Availability(
        as_of=as_of,
        have=have,
        shared=tuple(sorted(name for name, zoos_ in counted.items() if zoos_ > 1)),
        of_the_study={zoo: len(set(own) & set(members())) for zoo, own in have.items()},
        best=tuple(four for four in fours if four.shared == most),
        chosen=chosen,
        place=sum(four.shared > chosen.shared for four in fours),
    )


def _shared(zoos_: Iterable[dict[str, str]]) -> int:
    counted = Counter(architecture for own in zoos_ for architecture in own)
    return sum(times > 1 for times in counted.values())


def _own(zoo: str, as_of: str) -> dict[str, str]:
    """The architectures of which a zoo with a snapshot had claimed an accuracy by that day, quantised ones left out."""
    found: dict[str, str] = {}
    for model in snapshot(zoo):
        naming, claims = names.canonical(zoo, model.name), claim.of(model, zoo)
        chosen = [choose(claims, metric, None, as_of) for metric in ("acc@1", "acc@5")]
        if not naming.quantised and any(isinstance(one, Chosen) for one in chosen):
            found.setdefault(naming.architecture, f"{zoo}:{model.name}")
    return found


@cache
def _listed(zoo: str) -> dict[str, str]:
    """The architectures that a zoo without a snapshot publishes."""
    text = (files("zoodiff") / "claims" / "candidates" / f"{zoo}.csv").read_text(encoding="utf-8")
    return {names.canonical("", row["read_as"]).architecture: _where(row) for row in csv.DictReader(text.splitlines())}


def _where(row: dict[str, str]) -> str:
    line = f":{row['line']}" if row["line"] else ""
    return f"{row['published']} ({row['repository']}@{row['commit'][:12]} {row['path']}{line})"


def document(found: Availability) -> dict[str, Any]:
    """The availability as JSON has it: a row for each architecture that two or more zoos have."""
    rows = {name: {zoo: own[name] for zoo, own in found.have.items() if name in own} for name in found.shared}
    made: dict[str, Any] = msgspec.to_builtins(found)
    return {**made, "have": rows, "of_all": {zoo: len(own) for zoo, own in found.have.items()}}
