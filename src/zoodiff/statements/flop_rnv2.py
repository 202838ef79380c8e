"""The TensorFlow Model Garden's ResNet V2 cost over 85 % more because they take larger images.

The share of the gap that is the input's is found by building the network with the fewest FLOPs at the other's input
size (`zoodiff diff keras:ResNet50V2 tfmg:resnet_v2_50`).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from zoodiff.comparison.diffing import diff
from zoodiff.statements._graphs import causes
from zoodiff.survey.original import Statement
from zoodiff.survey.then import Answer, Then, costs

RESTS_ON = "counts"
NAMES = ("resnet50-v2", "resnet101-v2", "resnet152-v2")
NEARLY_ALL = Decimal("0.999")
"""Share of a gap from which on the input alone is its cause; the rest is the dense layer's 1001st class."""


def answer(then: Then, told: Statement) -> Answer:
    """How many exceed the threshold, the inputs, and whether the input is the cause."""
    counts = then.counts()
    rows = {name: _row(then, counts[name], name) for name in NAMES}
    above = [name for name, row in rows.items() if row["excess"] > Decimal(told.given["threshold"])]
    inputs = {then.entries[name]["tfmg"].size for name in NAMES}
    others = {entry.size for name in NAMES for zoo, entry in then.entries[name].items() if zoo != "tfmg"}
    shares = [row["input_share"] for row in rows.values()]
    excesses = ", ".join(f"{name} {row['excess']:.1f} %" for name, row in rows.items())
    why = (
        f"{excesses} over the fewest; "
        f"of the multiply-accumulates between, the input's size accounts for {100 * min(shares):.4f} % or more."
    )
    return Answer(
        {
            "above": len(above),
            "input": _only(inputs),
            "other_input": _only(others),
            "because_of_input": min(shares) > NEARLY_ALL,
        },
        why,
        rows,
    )


def _only(sizes: set[int | None]) -> int | list[str]:
    """The one size that all have; all of them where there are several."""
    found = sorted(str(size) for size in sizes)
    return int(found[0]) if len(found) == 1 and found[0].isdigit() else found


def _row(then: Then, counts: dict[str, Decimal], name: str) -> dict[str, Any]:
    """One architecture: how far the Model Garden's is above the fewest, and how much of that is the input's."""
    fewest = min(counts, key=lambda zoo: counts[zoo])
    models = then.entries[name]
    difference = diff(models[fewest].network, models["tfmg"].network)
    of_input = sum(cause.macs for cause in difference.differences if cause.kind == "input")
    return {
        "excess": 100 * (counts["tfmg"] / counts[fewest] - 1),
        "input_share": Decimal(of_input) / difference.macs.delta if difference.macs.delta else Decimal(0),
        "models": [costs(entry) for entry in models.values()],
        "differences": causes(difference),
    }
