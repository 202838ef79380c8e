"""How many architectures have a model that costs over 10 % more than another, and the ten largest gaps.

Each zoo is counted by the tool that the study used for it (`explain fvcore`, `onnx-opcounter`, `tf-profiler`), at the
model's own input size. Where files that are no longer served could change the answer, it is not checkable; the largest
gap they leave alone, which the study says is SqueezeNet's (flop-squeeze). The ten are Figure 3; the evidence has them
by the tools and, beside that, in one convention (`macs`).
"""

from __future__ import annotations

from decimal import Decimal

from zoodiff.statements._costs import MACS, figure, gaps
from zoodiff.survey.original import Statement
from zoodiff.survey.then import Answer, Between, Then

RESTS_ON = "counts"


def answer(then: Then, told: Statement) -> Answer:
    """The count and the largest and tenth largest gap, as far as all models can be counted."""
    found, threshold = list(gaps(then.counts()).values()), Decimal(told.given["threshold"])
    missing = then.uncounted()
    unknown = len(then.entries) - len(found)
    above = sum(gap > threshold for gap in found)
    open_ = f"{', '.join(missing)}: there is no graph"
    named = [name for name, gap in gaps(then.counts()).items() if gap > threshold]
    alike = gaps(then.counts(MACS))
    level = sum(gap > threshold for gap in alike.values())
    why = f"{above} of the {len(found)} that can be counted: {', '.join(named)}."
    if unknown:
        why += f" {unknown} others cannot be counted in two zoos ({open_}): {above} to {above + unknown}."
    why += f" In one convention {level} exceed {threshold} %, the largest by {next(iter(alike.values())):.1f} %."
    return Answer(
        {
            "above": Between(Decimal(above), Decimal(above + unknown), open_) if unknown else above,
            "of": len(then.entries),
            "largest": found[0],
            "tenth": Between(found[9], found[max(0, 9 - unknown)], open_) if unknown else found[9],
        },
        why,
        {
            "counted": len(found),
            "above_of_the_counted": above,
            "not_counted": missing,
            "figure_3_by_the_tools": figure(then),
            "figure_3_in_one_convention": figure(then, MACS),
        },
    )
