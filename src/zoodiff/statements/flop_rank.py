"""flop-rank: which zoo's models have the most and the fewest FLOPs: partly the zoos', partly the tools' doing.

By the study's tools, one a zoo, and in one convention for all. Where the order of two zoos is the other way round, or
where there is an order only by the tools, the statement is about the tools: fvcore adds batch normalization to the
multiply-accumulates, onnx-opcounter activations too, TensorFlow's profiler neither.
"""

from __future__ import annotations

from decimal import Decimal

from zoodiff.original import Statement
from zoodiff.record import Unmeasured
from zoodiff.statements._costs import MACS
from zoodiff.statements._ranks import ENDS, cells, share, times
from zoodiff.tables import Rank, ranks
from zoodiff.then import Answer, Between, Counts, Then

RESTS_ON = "counts"
ALIKE = Decimal("1.0001")
"""Ratio up to which two costs are those of one network: a class more or less (1001 for 1000) is below it."""


def answer(then: Then, told: Statement) -> Answer:
    """The cells by the tools; why they are others, and what becomes of them in one convention."""
    tools, alike = then.counts(), levelled(then.counts(MACS))
    by_tool = {row.zoo: row for row in ranks(tools.values(), then.zoos, then.ties)}
    by_macs = {row.zoo: row for row in ranks(alike.values(), then.zoos)}
    ours, about, words = {}, {}, []
    for cell in told.paper:
        zoo, end = cell.rsplit("_", 1)
        change = moved(tools, alike, zoo, end)
        only, hidden = change["by_the_tools_only"], change["in_one_convention_only"]
        ours[cell] = bounded(by_tool[zoo], end, then, tools)
        number = times(by_tool[zoo], end)
        about[cell] = {"about": "the tools" if 2 * (len(only) + len(hidden)) > number else "the zoos", **change}
        words.append(
            f"{zoo} {end}: {number} of {by_tool[zoo].models}, {len(only)} of them by the tools only; in one "
            f"convention, ties included, {times(by_macs[zoo], end)} ({share(by_macs[zoo], end):.0f} %)."
        )
        if hidden:
            words.append(f"Hidden by the tools: {', '.join(hidden)}.")
    missing = then.uncounted()
    if missing:
        words.append(f"Not counted, for want of a graph: {', '.join(missing)}.")
    return Answer(
        ours,
        " ".join(words),
        {
            "cells": about,
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


def moved(tools: Counts, alike: Counts, zoo: str, end: str) -> dict[str, list[str]]:
    """Architectures in which a zoo is at one end by the tools only, and those in which it is in one convention only.

    Where all are level in one convention, no zoo is at an end there.
    """
    extreme = ENDS[end]
    found: dict[str, list[str]] = {"by_the_tools_only": [], "in_one_convention_only": []}
    for name, values in tools.items():
        if zoo not in values or len(values) < 2:
            continue
        level = alike[name]
        by_tool = values[zoo] == extreme(values.values())
        by_macs = level[zoo] == extreme(level.values()) and len(set(level.values())) > 1
        if by_tool != by_macs:
            found["by_the_tools_only" if by_tool else "in_one_convention_only"].append(name)
    return found
