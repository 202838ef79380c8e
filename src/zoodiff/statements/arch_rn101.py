"""Which ResNet V1 101 have convolutions on their shortcuts.

Judged on the graphs: what stands on each shortcut of the four models and of the origin paper's network, whose option B
has a convolution wherever the width changes. What does differ between them is in the evidence.
"""

from __future__ import annotations

from zoodiff.comparison.diffing import diff
from zoodiff.reading.reference import find
from zoodiff.statements._graphs import PROJECTION, causes, shortcuts
from zoodiff.survey.conform import conform
from zoodiff.survey.original import Statement
from zoodiff.survey.then import Answer, Then

RESTS_ON = "graphs"
NAME = "resnet101-v1"


def answer(then: Then, told: Statement) -> Answer:
    """Whether each model has one, and what else differs."""
    models = then.entries[NAME]
    paper = shortcuts(find(f"paper:{NAME}").graph())
    kinds = {zoo: shortcuts(entry.network.graph()) for zoo, entry in models.items()}
    number = ", ".join(f"{zoo} {kind[PROJECTION]}" for zoo, kind in kinds.items())
    between = diff(models["keras"].network, models["torchvision"].network)
    words = "; ".join(cause["words"] for cause in causes(between)) or "nothing in architecture"
    return Answer(
        {zoo: kind[PROJECTION] > 0 for zoo, kind in kinds.items()},
        f"Convolutions on shortcuts: {number}; the origin paper's network has {paper[PROJECTION]}, one where a stage "
        f"changes the width (its option B). What differs between Keras's and Torchvision's: {words}.",
        {
            "shortcuts": {"paper": dict(paper), **{zoo: dict(kind) for zoo, kind in kinds.items()}},
            "stand_ins": {entry.ref: entry.network.stand_in for entry in models.values() if entry.network.stand_in},
            "against_the_paper": {
                entry.ref: {"verdict": held.verdict, "differences": causes(held.difference)}
                for entry in models.values()
                for held in [conform(entry.network)]
            },
            "keras_against_torchvision": causes(between),
        },
    )
