"""How many architectures have claims of top-1 accuracy that lie 0.96 points or more apart.

MobileNet V2 lies exactly 0.96 apart. The study says "more than"; its number is that of "or more", and also that of
"more" in binary floating-point arithmetic, where 71.9 - 70.94 is a little above 0.96. All three are in the evidence.
"""

from __future__ import annotations

from zoodiff.statements._spread import far_apart
from zoodiff.survey.original import Statement
from zoodiff.survey.then import Answer, Then

RESTS_ON = "claims"


def answer(then: Then, told: Statement) -> Answer:
    """Those that lie the threshold or more apart."""
    return far_apart(then, told, "acc@1")
