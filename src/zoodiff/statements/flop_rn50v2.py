"""ResNet V2 50 costs 4.12 G in ONNX and 3.49 G in Keras, since Keras strides earlier.

`zoodiff diff onnx:resnet50-v2-7 keras:ResNet50V2` shows the layers; the gap between the two is shared out exactly. The
ONNX Model Zoo's graph is Gluon's, from which its file was made.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from zoodiff.comparison.diffing import diff
from zoodiff.record import Unmeasured
from zoodiff.statements._graphs import POOLED, causes, moved_strides, shortcuts
from zoodiff.survey.original import Statement
from zoodiff.survey.then import Answer, Then, costs, source

RESTS_ON = "counts"
NAME = "resnet50-v2"
BILLION = Decimal(10**9)


def answer(then: Then, told: Statement) -> Answer:
    """Both counts, the gap, its causes, and the claims."""
    counts, models = then.counts()[NAME], then.entries[NAME]
    onnx, keras = models["onnx"], models["keras"]
    difference = diff(onnx.network, keras.network)
    strides = moved_strides(difference)
    share = Decimal(sum(cause.macs for cause in strides)) / difference.macs.delta if difference.macs.delta else 0
    kinds = {entry.zoo: shortcuts(entry.network.graph()) for entry in (onnx, keras)}
    top1: dict[str, Any] = {
        f"{entry.zoo}_top1": Unmeasured("no claim on that day") if value is None else value
        for entry in (onnx, keras)
        for value in [entry.value("acc@1")]
    }
    words = "; ".join(cause.words for cause in strides) or "no stride stands elsewhere"
    return Answer(
        {
            "onnx_billions": counts["onnx"] / BILLION,
            "keras_billions": counts["keras"] / BILLION,
            "gap": 100 * (counts["onnx"] / counts["keras"] - 1),
            "because_of_strides": share == 1,
            "max_pool_skips": kinds["keras"][POOLED] > 0 and not kinds["onnx"][POOLED],
            **top1,
        },
        f"{words}: {100 * share:.1f} % of the gap in multiply-accumulates. Shortcuts by max-pooling: "
        f"{kinds['keras'][POOLED]} in Keras's, {kinds['onnx'][POOLED]} in ONNX's; they cost none.",
        {
            "models": [costs(entry) for entry in models.values()],
            "claims": [source(entry, "acc@1") for entry in (onnx, keras)],
            "differences": causes(difference),
            "shortcuts": {zoo: dict(found) for zoo, found in kinds.items()},
        },
    )
