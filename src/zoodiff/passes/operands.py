"""Turns operands that say how an operator works (bounds, axes, pads, shapes) into attributes, as they once were.

ONNX has moved these from attributes to inputs, operator by operator
(https://github.com/onnx/onnx/blob/main/docs/Changelog.md).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from zoodiff.reducing.draft import Draft, Op

AFTER: tuple[str, ...] = ("fold",)

OPERANDS: dict[str, dict[int, str]] = {
    "Clip": {1: "min", 2: "max"},
    "Dropout": {1: "ratio", 2: "training_mode"},
    "Expand": {1: "shape"},
    "Pad": {1: "pads", 2: "value", 3: "axes"},
    "ReduceL1": {1: "axes"},
    "ReduceL2": {1: "axes"},
    "ReduceLogSum": {1: "axes"},
    "ReduceLogSumExp": {1: "axes"},
    "ReduceMax": {1: "axes"},
    "ReduceMean": {1: "axes"},
    "ReduceMin": {1: "axes"},
    "ReduceProd": {1: "axes"},
    "ReduceSum": {1: "axes"},
    "ReduceSumSquare": {1: "axes"},
    "Reshape": {1: "shape"},
    "Resize": {1: "roi", 2: "scales", 3: "sizes"},
    "Slice": {1: "starts", 2: "ends", 3: "axes", 4: "steps"},
    "Split": {1: "split"},
    "Squeeze": {1: "axes"},
    "Tile": {1: "repeats"},
    "Unsqueeze": {1: "axes"},
    "Upsample": {1: "scales"},
}
"""Per operator: the positions of such inputs, and the attributes' names (those of the older opsets)."""
_NUMBERS = frozenset(("max", "min", "ratio", "training_mode", "value"))
"""Those that are single numbers; some exporters write them as lists of one."""


def run(draft: Draft) -> None:
    """Move what is known; an operand that is computed at run time stays where it is."""
    for op in draft.ops:
        places = OPERANDS.get(op.op) if not op.domain else None
        if places and len(op.inputs) > 1:
            _move(draft, op, places)


def _move(draft: Draft, op: Op, places: dict[int, str]) -> None:
    given = {at: name for at, name in enumerate(op.inputs) if at in places and name}
    data = {at: draft.data(name) for at, name in given.items()}
    if op.op == "Reshape" and (shape := draft.whole(op.outputs[0])) is not None:
        draft.rewrite(op, op.op, op.inputs[:1], {"shape": shape})  # wherever its operand comes from
        return
    if any(values is None or (places[at] in _NUMBERS and values.size != 1) for at, values in data.items()):
        return
    found = {places[at]: _plain(places[at], values) for at, values in data.items() if values is not None}
    draft.rewrite(op, op.op, op.inputs[:1], {**op.attributes, **found})


def _plain(name: str, values: np.ndarray[Any, Any]) -> Any:
    """A number for a scalar, a tuple for a list."""
    return values.item() if values.ndim == 0 or name in _NUMBERS else tuple(values.tolist())
