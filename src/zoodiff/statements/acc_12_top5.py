"""How many architectures have claims of top-5 accuracy that lie 0.94 points or more apart."""

from __future__ import annotations

from zoodiff.statements._spread import far_apart
from zoodiff.survey.original import Statement
from zoodiff.survey.then import Answer, Then

RESTS_ON = "claims"


def answer(then: Then, told: Statement) -> Answer:
    """Those that lie the threshold or more apart."""
    return far_apart(then, told, "acc@5")
