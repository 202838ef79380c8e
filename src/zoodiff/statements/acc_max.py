"""The largest and the tenth largest gap between claims of top-1 accuracy of one architecture.

Each zoo's claim in force on the day, highest minus lowest, in exact decimals. The ten are Figure 2.
"""

from __future__ import annotations

from zoodiff.record import Unmeasured
from zoodiff.statements._spread import points
from zoodiff.survey.original import Statement
from zoodiff.survey.then import Answer, Then

RESTS_ON = "claims"


def answer(then: Then, told: Statement) -> Answer:
    """The widest and the tenth widest spread."""
    widest = list(then.spreads("acc@1").items())[:10]
    if len(widest) < 10:
        few = Unmeasured(f"{len(widest)} architectures have claims of two zoos")
        return Answer({"largest": few, "tenth": few}, few.reason, {})
    (first, largest), (last, tenth) = widest[0], widest[-1]
    ends = [points(then, first, "acc@1")[at] for at in (0, -1)]
    return Answer(
        {"largest": largest, "tenth": tenth},
        f"{first} lies widest apart ({ends[0]['ref']} claims {ends[0]['value']}, {ends[1]['ref']} {ends[1]['value']}); "
        f"{last} is the tenth.",
        {
            "figure_2": [
                {"architecture": name, "spread": spread, "claims": points(then, name, "acc@1")}
                for name, spread in widest
            ]
        },
    )
