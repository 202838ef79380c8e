"""Which zoo's models have the most and the fewest FLOPs: partly the zoos', partly the tools' doing.

By the study's tools, one a zoo, and in one convention for all. Where the order of two zoos is the other way round, or
where there is an order only by the tools, the statement is about the tools: fvcore adds batch normalization to the
multiply-accumulates, onnx-opcounter activations too, TensorFlow's profiler neither.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from zoodiff.record import Unmeasured
from zoodiff.statements._costs import MACS
from zoodiff.statements._ranks import ENDS, cells, share, times
from zoodiff.survey.original import Statement
from zoodiff.survey.tables import Rank, ranks
from zoodiff.survey.then import Answer, Between, Counts, Then

RESTS_ON = "counts"
ALIKE = Decimal("1.0001")
"""Ratio up to which two costs are those of one network: a class more or less (1001 for 1000) is below it."""
FEW = 8
"""How many architectures a sentence names."""


class Moved(msgspec.Struct, frozen=True):
    """In which architectures a zoo's place at one end depends on how is counted."""

    about: str
    """`the tools` where these are most of the architectures in which it is at that end, else `the zoos`"""
    by_the_tools_only: list[str]
    in_one_convention_only: list[str]


def answer(then: Then, told: Statement) -> Answer:
    """The cells by the tools; why they are others, and what becomes of them in one convention."""
    tools, alike = then.counts(), levelled(then.counts(MACS))
    by_tool = {row.zoo: row for row in ranks(tools.values(), then.zoos, then.ties)}
    by_macs = {row.zoo: row for row in ranks(alike.values(), then.zoos)}
    ours, about, words = {}, {}, []
    for cell in told.paper:
        zoo, end = cell.rsplit("_", 1)
        ours[cell] = bounded(by_tool[zoo], end, then, tools)
        about[cell] = change = moved(tools, alike, zoo, end)
        row, level = by_tool[zoo], by_macs[zoo]
        words.append(
            f"{zoo} {end} (about {change.about}): {times(row, end)} of {row.models}, of which "
            f"{len(change.by_the_tools_only)} by the tools only; in one convention, ties included, {times(level, end)} "
            f"({share(level, end):.0f} %)."
        )
        if 0 < len(change.in_one_convention_only) <= FEW:
            words.append(f"In one convention only: {', '.join(change.in_one_convention_only)}.")
    missing = then.uncounted()
    if missing:
        words.append(f"Not counted, for want of a graph: {', '.join(missing)}.")
    return Answer(
        ours,
        " ".join(words),
        {
            "cells": {cell: msgspec.to_builtins(change) for cell, change in about.items()},
            "by_the_tools": cells(tuple(by_tool.values())),
            "in_one_convention": cells(tuple(by_macs.values())),
            "not_counted": missing,
        },
    )


def bounded(row: Rank, end: str, then: Then, tools: Counts) -> Decimal | Between | Unmeasured:
    """A zoo's share at one end; bounds on it where it shares architectures that cannot be counted in two zoos."""
    open_ = [name for name, own in then.entries.items() if row.zoo in own and len(tools[name]) < 2]
    if not open_:
        return share(row, end)
    of = Decimal(row.models + len(open_))
    low, high = (100 * (times(row, end) + more) / of for more in (0, len(open_)))
    return Between(low, high, f"not countable in two zoos: {', '.join(open_)}")


def levelled(counts: Counts) -> Counts:
    """The counts with those of one network made equal, each taken for the smallest that it equals."""

    def level(values: dict[str, Decimal]) -> dict[str, Decimal]:
        return {zoo: min(v for v in values.values() if value <= v * ALIKE) for zoo, value in values.items()}

    return {name: level(values) for name, values in counts.items()}


def moved(tools: Counts, alike: Counts, zoo: str, end: str) -> Moved:
    """Where a zoo stands at one end by one way of counting and not by the other.

    By the tools only: also where all are level in one convention. In one convention only: also where it shares the end.
    """
    shared = [name for name, values in tools.items() if zoo in values and len(values) > 1]
    by_tool, by_macs = (
        {name for name in shared if counts[name][zoo] == ENDS[end](counts[name].values())} for counts in (tools, alike)
    )
    level = {name for name in shared if len(set(alike[name].values())) == 1}
    only, hidden = by_tool - (by_macs - level), by_macs - by_tool
    most = 2 * len(only | hidden) > len(by_tool | by_macs)
    return Moved("the tools" if most else "the zoos", *([n for n in shared if n in names] for names in (only, hidden)))
