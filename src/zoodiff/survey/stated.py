"""Tell what published names state of their networks, whether the graphs bear it out, and what honest names would be."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

import msgspec

from zoodiff.reading import names
from zoodiff.reading.paper import blueprints
from zoodiff.recognition.judged import Verdict, verdicts
from zoodiff.recognition.known import known, on_paper
from zoodiff.survey import conforming
from zoodiff.survey.conform import CONFORMS, DEVIATES
from zoodiff.survey.conforming import Held
from zoodiff.survey.study import Entry, Study

BASED, VARIANT, ARCHITECTURE = "based on", "variant", "architecture"
STATEMENTS: Final = (BASED, VARIANT, ARCHITECTURE)
"""What a name may state: that its network derives from another, a variant (`resnet50_v1b` of `resnet50-v1`), or the
architecture and no more."""
_BASED: Final = re.compile(r"\b(based on|inspired by|derived from|adapted from|modified|modification of)\b|[- ]like\b")
RULE: Final = "naming"
"""The rule that tells what is found here."""
COUNTS: Final = "counts"
"""Where the evidence of its finding about all names has them counted."""
DEVIATIONS: Final = 3
"""How many deviations an honest name states."""


class Stated(msgspec.Struct, frozen=True):
    """What one published name states, and whether the graph is that."""

    ref: str
    architecture: str
    states: str
    """one of STATEMENTS"""
    of: str
    """the architecture that it states a variant of; empty where it states none"""
    network: str
    """what the graph was held against: `paper:NAME`, or an architecture"""
    holds: bool | None
    """None where there is no graph of its own, or no paper that says what the architecture is"""
    honest: str = ""
    """a name that says what the graph is, where it is not what the name states"""


class Row(msgspec.Struct, frozen=True):
    """How many names make one kind of statement, and how many of the graphs bear it out."""

    states: str
    names: int
    holds: int
    fails: int
    unknown: int
    """no graph of its own, or no paper"""


def stated(study: Study) -> tuple[Stated, ...]:
    """What each name of the study states; those of quantised models, which are other files of others, are left out."""
    known_names = {one.architecture for one in (*known(), *on_paper())}
    judged = verdicts(entry.network for entry in study.entries)
    return tuple(
        _stated(entry, judged.get(entry.ref), of)
        for group in study.groups
        for of in [_extended(group.architecture, known_names)]
        for entry in group.entries
        if not entry.naming.quantised
    )


def table(told: Iterable[Stated]) -> tuple[Row, ...]:
    """The statements counted, one row each."""
    counts = Counter((one.states, one.holds) for one in told)
    return tuple(
        Row(states, sum(counts[states, holds] for holds in kinds), *(counts[states, holds] for holds in kinds))
        for kinds in [(True, False, None)]
        for states in STATEMENTS
    )


def counted(study: Study) -> tuple[Row, ...]:
    """The statements of a study's names as the rule counted them; nothing where only some architectures were asked."""
    found = next((one for one in study.findings if one.id == RULE and COUNTS in one.evidence), None)
    return msgspec.convert(found.evidence[COUNTS], tuple[Row, ...]) if found else ()


def _stated(entry: Entry, judged: Verdict | None, of: str) -> Stated:
    name = entry.naming.architecture
    words = f"{entry.network.name} {entry.record.title}".lower()
    states = BASED if _BASED.search(words) else VARIANT if of else ARCHITECTURE
    held = conforming.held(entry.network)
    network, holds, honest = name, None, ""
    if held is not None and held.verdict in (CONFORMS, DEVIATES):
        network, holds = held.network, held.verdict == CONFORMS
    if judged is not None and judged.verdict == "mislabelled":
        holds, honest = False, judged.match or ""
    elif holds is False and held is not None:
        honest = _honest(name, held, judged.names if judged else ())
    return Stated(entry.ref, name, states, of, network, holds, honest)


def _extended(name: str, architectures: Iterable[str]) -> str:
    """The longest known architecture of whose name this one is a longer form."""
    return max((one for one in architectures if names.extends(name, one)), key=len, default="")


def _honest(name: str, held: Held, same: Iterable[str]) -> str:
    """A name for a network that deviates: one that says more, or another with a paper; else what it is based on.

    `same` are the architectures of which some zoo or paper has the very same network.
    """
    origins = {origin for _, told in blueprints().values() for origin in told.architectures}
    longer = [one for one in (*held.conforms, *same) if names.extends(one, name)]
    others = [one for one in same if one in origins and one != name]
    return next(iter((*longer, *others)), f"based on {held.network.partition(':')[2]}: {_deviations(held)}")


def _deviations(held: Held) -> str:
    words = [way.short for way in held.ways]
    more = [f"{len(words) - DEVIATIONS} more"] if len(words) > DEVIATIONS else []
    return ", ".join([*words[:DEVIATIONS], *more])
