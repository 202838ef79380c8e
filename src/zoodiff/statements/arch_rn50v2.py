"""Keras's ResNet V2 50 and 101 pool on shortcuts and stride elsewhere than ONNX's and the paper's.

Against ONNX's graph and against the network of the origin paper (`zoodiff conform keras:ResNet50V2`). Which of a
unit's convolutions has the stride is not in that paper's words: the network here follows its authors' earlier one, and
Keras's stands apart from both, a unit earlier.
"""

from __future__ import annotations

from typing import Any

from zoodiff.comparison.diffing import diff
from zoodiff.reading.reference import find
from zoodiff.statements._graphs import POOLED, causes, moved_strides, shortcuts
from zoodiff.survey.original import Statement
from zoodiff.survey.then import Answer, Then

RESTS_ON = "graphs"
NAMES = {"50": "resnet50-v2", "101": "resnet101-v2"}


def answer(then: Then, told: Statement) -> Answer:
    """Shortcuts and strides of both depths."""
    ours: dict[str, bool] = {}
    evidence: dict[str, Any] = {}
    why = []
    for depth, name in NAMES.items():
        keras, onnx = (then.entries[name][zoo].network for zoo in ("keras", "onnx"))
        paper = find(f"paper:{name}")
        networks = {"keras": keras, "onnx": onnx, "paper": paper}
        kinds = {who: shortcuts(network.graph()) for who, network in networks.items()}
        against = {"onnx": diff(onnx, keras), "paper": diff(paper, keras)}
        moved = {who: moved_strides(difference) for who, difference in against.items()}
        ours[f"max_pool_{depth}"] = kinds["keras"][POOLED] > kinds["onnx"][POOLED] + kinds["paper"][POOLED]
        ours[f"strides_elsewhere_{depth}"] = all(moved.values())
        counts = ", ".join(f"{who} {kind[POOLED]}" for who, kind in kinds.items())
        words = "; ".join(cause.words for cause in moved["paper"]) or "no stride stands elsewhere"
        why.append(f"{name}: shortcuts by max-pooling: {counts}; against the paper's, {words}.")
        evidence[name] = {
            "shortcuts": {who: dict(kind) for who, kind in kinds.items()},
            "stand_in_of_onnx": onnx.stand_in,
            **{f"against_{who}": causes(difference) for who, difference in against.items()},
            "onnx_against_paper": causes(diff(paper, onnx)),
        }
    return Answer(ours, " ".join(why), evidence)
