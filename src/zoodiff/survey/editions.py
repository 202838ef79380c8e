"""Table 1 of the study of 2022 three times: as printed, from the claims of then, and from those of today."""

from __future__ import annotations

from fractions import Fraction

import msgspec

from zoodiff.record import Unmeasured
from zoodiff.survey.original import original
from zoodiff.survey.tables import Rank, ranks
from zoodiff.survey.then import Then

STATEMENTS = {"acc@1": "tab1-top1", "acc@5": "tab1-top5"}
"""The statement that has the printed cells, by metric."""


class Cell(msgspec.Struct, frozen=True):
    """In what part of its models one zoo is at one end, in per cent."""

    zoo: str
    metric: str
    end: str
    """`highest` or `lowest`"""
    printed: str
    then: str
    today: str
    """with the number of models that are compared: `48.1 (13 of 27)`; empty where there are none"""


def table_1(then: Then, today: Then) -> list[Cell]:
    """Every cell, by metric and zoo; of today no cell was printed."""
    made = []
    for metric, statement in STATEMENTS.items():
        printed = original().statement[statement].paper
        rows = [ranks(when.claims(metric).values(), when.zoos, when.ties) for when in (then, today)]
        for one, other in zip(*rows, strict=True):
            for end in ("highest", "lowest"):
                shown = str(printed[f"{one.zoo}_{end}"])
                made.append(Cell(one.zoo, metric, end, shown, _share(one, end), _share(other, end)))
    return made


def _share(row: Rank, end: str) -> str:
    times, share = (row.highest, row.highest_share) if end == "highest" else (row.lowest, row.lowest_share)
    return "" if isinstance(share, Unmeasured) else f"{float(Fraction(100) * share):.1f} ({times} of {row.models})"
