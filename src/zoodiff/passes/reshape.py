"""Makes one Reshape of Flatten, Squeeze, Unsqueeze and their chains, and moves it down until it meets its inverse."""

from __future__ import annotations

from typing import Any

from zoodiff.passes._axes import Shape, cut_axis, keeps_order, kept_last, moved_axis, unreshaped
from zoodiff.passes._elementwise import BROADCASTING, UNARY
from zoodiff.passes._sink import sink
from zoodiff.reducing.draft import Draft, Op

AFTER: tuple[str, ...] = ("defaults", "fold", "identity", "operands", "selection")

_KINDS = ("Flatten", "Squeeze", "Unsqueeze", "Reshape")
_TWO = ("Add", "Sub", "Mul", "Div", "Max", "Min")


def run(draft: Draft) -> None:
    """Walk down once: every Reshape goes as far as it can."""
    draft.sort()
    for op in draft.ops:
        if op not in draft or op.domain:
            continue
        if op.op in _KINDS or op.op == "Transpose":
            _reshape(draft, op)
        else:
            _sink(draft, op)


def _reshape(draft: Draft, op: Op) -> None:
    shape, before = draft.whole(op.outputs[0]), draft.whole(op.inputs[0])
    if shape is None or before is None or (op.op == "Transpose" and not _keeps(op, before)):
        return
    earlier = draft.maker(op.inputs[0])
    if earlier is not None and earlier.op == "Reshape" and not earlier.domain and len(earlier.inputs) == 1:
        draft.rewrite(op, "Reshape", earlier.inputs, {"shape": shape}, absorbed=[earlier])
    elif op.op != "Reshape" or len(op.inputs) > 1 or op.attributes != {"shape": shape}:
        draft.rewrite(op, "Reshape", op.inputs[:1], {"shape": shape})
    if shape == draft.whole(op.inputs[0]):
        draft.bypass(op)


def _keeps(op: Op, before: Shape) -> bool:
    """Whether a Transpose moves only axes of size 1."""
    return "perm" in op.attributes and keeps_order(before, op.attributes["perm"])


def reshaped_from(draft: Draft, name: str) -> tuple[Op, Shape, Shape] | None:
    """The Reshape that makes a tensor, with the shapes before and after it."""
    maker = draft.maker(name)
    if maker is None or maker.op != "Reshape" or maker.domain or len(maker.inputs) > 1:
        return None
    before, after = draft.whole(maker.inputs[0]), draft.whole(name)
    return None if before is None or after is None else (maker, before, after)


def _sink(draft: Draft, op: Op) -> None:
    known = [reshaped_from(draft, name) for name in op.inputs if name]
    first = next((found for found in known if found is not None), None)
    if first is None:
        return
    maker, before, after = first
    if op.op in ("Slice", "Split") and len(op.inputs) == 1:
        _sink_cut(draft, op, maker, before, after)
        return
    if draft.whole(op.outputs[0]) is None or (len(op.outputs) > 1 and any(op.outputs[1:])):
        return
    if op.op in UNARY:
        sink(draft, op, maker.inputs, op.attributes, maker, [before], [maker])
    elif op.op in BROADCASTING and len(op.inputs) == 2:
        _sink_two(draft, op, known)
    elif known[0] is not None:
        _sink_first(draft, op, maker, before, after)


def _sink_first(draft: Draft, op: Op, maker: Op, before: Shape, after: Shape) -> None:
    """Through an operator that works along an axis that the Reshape leaves alone."""
    inputs, attributes = [maker.inputs[0], *op.inputs[1:]], dict(op.attributes)
    inner: Shape | None = None
    if op.op == "Gemm" and not attributes and kept_last(before, after) and len(before) > 1:
        width = draft.whole(op.inputs[1])
        inner = None if width is None else (*before[:-1], width[-1])
    elif op.op == "LayerNormalization":
        inner = before if attributes.get("axis") == -1 and kept_last(before, after) else None
    elif op.op == "BatchNormalization":
        inner = before if before[:2] == after[:2] and len(before) > 1 else None
    elif op.op in ("Softmax", "LogSoftmax") and "coerced" not in attributes:
        moved = moved_axis(attributes["axis"], after, before)
        attributes["axis"] = moved
        inner = None if moved is None else before
    if inner is not None:
        sink(draft, op, inputs, attributes, maker, [inner], [maker])


def _sink_cut(draft: Draft, op: Op, maker: Op, before: Shape, after: Shape) -> None:
    """Through an operator that cuts along one axis, where each piece is a piece of one axis before the Reshape too."""
    said, outputs = dict(op.attributes), [draft.whole(name) for name in op.outputs]
    axes = (said["axis"],) if op.op == "Split" else said.get("axes", ())
    place = cut_axis(axes[0], after, before) if len(axes) == 1 and "steps" not in said else None
    if place is None or (op.op == "Slice" and said["starts"][0] < 0):
        return
    axis, inner, outer = place
    pieces = [shape[axes[0]] * inner for shape in outputs if shape is not None]
    start = 0 if op.op == "Split" else said["starts"][0] * inner
    if len(pieces) < len(outputs) or any(size % outer for size in (start, *pieces)):
        return
    shapes = [(*before[:axis], size // outer, *before[axis + 1 :]) for size in pieces]
    if op.op == "Slice":
        said = {"starts": (start // outer,), "ends": ((start + pieces[0]) // outer,), "axes": (axis,)}
    else:
        said["axis"] = axis
        if "split" in said:
            said["split"] = tuple(size // outer for size in pieces)
    sink(draft, op, maker.inputs, said, maker, shapes, [maker])


def _sink_two(draft: Draft, op: Op, known: list[Any]) -> None:
    """Through an operator on two tensors: both reshaped alike, or one of them a constant that can follow."""
    if len(known) < 2:
        return
    if known[0] is not None and known[1] is not None:
        (one, before, after), (other, too, then) = known
        if before == too and after == then:
            inputs = [one.inputs[0], other.inputs[0]]
            sink(draft, op, inputs, op.attributes, one, [before], [one] if one is other else [one, other])
            return
    for at in (0, 1):
        constant = op.inputs[1 - at]
        if known[at] is None or constant not in draft.constants:
            continue
        maker, before, after = known[at]
        made = unreshaped(draft.constants[constant].shape, before, after)
        if made is not None and draft.whole(op.outputs[0]) == after:
            inputs = list(op.inputs)
            inputs[at], inputs[1 - at] = maker.inputs[0], draft.reshaped(constant, made)
            sink(draft, op, inputs, op.attributes, maker, [before], [maker])
            return
