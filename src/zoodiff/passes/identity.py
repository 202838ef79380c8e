"""Drops operators that change nothing: Identity, Dropout, Cast to the same type, windows of 1, multiplications by 1."""

from __future__ import annotations

import math

from zoodiff.reducing.draft import Draft, Op

AFTER: tuple[str, ...] = ("fold", "operands")

_SAME_SHAPE = ("Reshape", "Flatten", "Squeeze", "Unsqueeze", "Expand", "Tile", "Slice")
_NEUTRAL = {"Mul": 1.0, "Div": 1.0, "Add": 0.0, "Sub": 0.0, "Pow": 1.0}
_COMMUTATIVE = ("Mul", "Add")


def run(draft: Draft) -> None:
    """Take out each operator whose output equals its input, element by element."""
    for op in draft.ops:
        if op in draft and not op.domain and op.inputs:
            source = _same(draft, op)
            if source is not None:
                draft.bypass(op, source)


def _same(draft: Draft, op: Op) -> str | None:
    """The input that the operator hands on unchanged; None where it changes something."""
    first = op.inputs[0]
    shape = draft.whole(first)
    unchanged = shape is not None and shape == draft.whole(op.outputs[0])
    if op.op == "Identity" or (op.op == "Dropout" and not op.attributes.get("training_mode")):
        return first
    if op.op in ("Concat", "Sum", "Max", "Min", "Mean") and len(op.inputs) == 1:
        return first
    if op.op in _SAME_SHAPE and unchanged and len(op.inputs) == 1:
        if op.op == "Slice" and any(step != 1 for step in op.attributes.get("steps", ())):
            return None
        return first
    if op.op == "Transpose" and tuple(op.attributes.get("perm", ())) == tuple(range(len(shape or ()))) and shape:
        return first
    if op.op == "Pad" and not any(op.attributes.get("pads", (1,))) and len(op.inputs) == 1:
        return first
    if op.op == "Cast" and draft.dtype(first) == draft.dtype(op.outputs[0]) != "":
        return first
    if op.op in ("MaxPool", "AveragePool") and unchanged and _trivial(op):
        return first
    return _neutral(draft, op) if op.op in _NEUTRAL else None


def _trivial(op: Op) -> bool:
    """Whether a pooling looks at one element at a time."""
    kernel = op.attributes.get("kernel_shape", (2,))
    pads = op.attributes.get("pads", (0,))
    return math.prod(kernel) == 1 and math.prod(op.attributes.get("strides", (1,))) == 1 and not any(pads)


def _neutral(draft: Draft, op: Op) -> str | None:
    """The operand that remains where the other is the neutral element and does not broadcast it."""
    neutral = _NEUTRAL[op.op]
    for kept, other in ((0, 1), (1, 0)) if op.op in _COMMUTATIVE else ((0, 1),):
        if draft.number(op.inputs[other]) == neutral:  # one number only: a vector of ones is a weight not yet trained
            shape = draft.whole(op.inputs[kept])
            if shape is not None and shape == draft.whole(op.outputs[0]):
                return op.inputs[kept]
    return None
