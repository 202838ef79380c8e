"""Torchvision's ResNet V1 101 claims more than Keras's 152, which no training of the paper's explains.

The gap of 0.32 points is the origin paper's (He et al. 2015, table 3), from this tool's record of that paper.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from zoodiff.reading.paper import blueprint
from zoodiff.record import Unmeasured
from zoodiff.survey.original import Statement
from zoodiff.survey.then import Answer, Then, source

RESTS_ON = "claims"
SHALLOW, DEEP = "resnet101-v1", "resnet152-v1"


def answer(then: Then, told: Statement) -> Answer:
    """The three claims, which is higher, and the paper's own gap."""
    top1 = then.claims("acc@1")
    shallow, deep = top1.get(SHALLOW, {}), top1.get(DEEP, {})
    missing = Unmeasured("one of the two claims no top-1 on that day")
    ours: dict[str, Any] = {
        "keras_152": deep.get("keras", missing),
        "torchvision_152": deep.get("torchvision", missing),
        "torchvision_101": shallow.get("torchvision", missing),
        "torchvision_101_above_keras_152": missing,
        "original_gap": printed(DEEP) - printed(SHALLOW),
    }
    why = missing.reason
    if "torchvision" in shallow and "keras" in deep:
        gap = shallow["torchvision"] - deep["keras"]
        ours["torchvision_101_above_keras_152"] = gap > 0
        why = f"Torchvision's 101 layers claim {abs(gap)} points {'more' if gap > 0 else 'less'} than Keras's 152."
    zoos = [(SHALLOW, "torchvision"), (DEEP, "torchvision"), (DEEP, "keras")]
    claims = [source(then.entries[name][zoo], "acc@1") for name, zoo in zoos if zoo in then.entries.get(name, {})]
    return Answer(ours, why, {"claims": claims, "paper": {name: printed(name) for name in (SHALLOW, DEEP)}})


def printed(name: str) -> Decimal:
    """The top-1 accuracy that the origin paper prints of its network."""
    return next(one.value for one in blueprint(name).printed if one.metric == "acc@1")
