"""In what part of its models each zoo claims the highest and the lowest top-1 accuracy (Table 1).

Of the architectures of which two zoos or more claim top-1. Which zoos of a tie count is a choice that the
study leaves open.
"""

from __future__ import annotations

from zoodiff.statements._ranks import table
from zoodiff.survey.original import Statement
from zoodiff.survey.then import Answer, Then

RESTS_ON = "claims"


def answer(then: Then, told: Statement) -> Answer:
    """Every cell of the table."""
    return table(then, told, "acc@1")
