"""Writes every pooling of a whole map as GlobalAveragePool or GlobalMaxPool, and every reduction with its axes kept."""

from __future__ import annotations

import math

from zoodiff.reducing.draft import Draft, Op

AFTER: tuple[str, ...] = ("defaults", "fold", "identity", "operands", "reshape")

_GLOBAL = {
    "AveragePool": "GlobalAveragePool",
    "MaxPool": "GlobalMaxPool",
    "ReduceMean": "GlobalAveragePool",
    "ReduceMax": "GlobalMaxPool",
}
_REDUCED = {"GlobalAveragePool": "ReduceMean", "GlobalMaxPool": "ReduceMax"}


def run(draft: Draft) -> None:
    """Rewrite poolings and reductions, then drop those of a single element."""
    for op in draft.ops:
        if op.domain or op not in draft:
            continue
        if op.op.startswith("Reduce"):
            _keep(draft, op)
        if op.op in ("ReduceMean", "ReduceMax"):
            _reduction(draft, op)
        elif op.op in ("AveragePool", "MaxPool"):
            _window(draft, op)
        elif op.op in _REDUCED:
            _global(draft, op)


def _keep(draft: Draft, op: Op) -> None:
    """A reduction that drops its axes is one that keeps them, and a Reshape."""
    shape, axes = draft.whole(op.inputs[0]), op.attributes.get("axes")
    if op.attributes.get("keepdims") != 0 or len(op.inputs) > 1 or shape is None or not axes:
        return
    kept, after = tuple(1 if axis in axes else size for axis, size in enumerate(shape)), draft.whole(op.outputs[0])
    if after is not None:
        draft.rewrite(op, op.op, op.inputs, {**op.attributes, "keepdims": 1})
        draft.append(op, "Reshape", {"shape": after}, kept)


def _reduction(draft: Draft, op: Op) -> None:
    shape, axes = draft.whole(op.inputs[0]), op.attributes.get("axes", ())
    if shape is None or len(op.inputs) > 1 or op.attributes.get("keepdims") != 1:
        return
    if all(shape[axis] == 1 for axis in axes):
        draft.bypass(op)
    elif len(shape) > 3 and axes == tuple(range(2, len(shape))):
        draft.rewrite(op, _GLOBAL[op.op], op.inputs)
    elif len(shape) > 3 and axes == tuple(range(1, len(shape) - 1)):
        rank = len(shape)
        perm, back = (0, rank - 1, *range(1, rank - 1)), (0, *range(2, rank), 1)
        draft.rewrite(op, _GLOBAL[op.op], op.inputs)
        draft.insert(op, 0, "Transpose", {"perm": perm}, tuple(shape[axis] for axis in perm))
        draft.append(op, "Transpose", {"perm": back}, (shape[0], shape[-1], *(1,) * (rank - 2)))


def _window(draft: Draft, op: Op) -> None:
    shape, kernel = draft.whole(op.inputs[0]), op.attributes.get("kernel_shape", ())
    plain = not any(op.attributes.get("pads", (1,))) and math.prod(op.attributes.get("dilations", ())) == 1
    if shape is not None and plain and shape[2:] == tuple(kernel) and len([name for name in op.outputs if name]) == 1:
        draft.rewrite(op, _GLOBAL[op.op], op.inputs)


def _global(draft: Draft, op: Op) -> None:
    shape = draft.whole(op.inputs[0])
    if shape is None:
        return
    if all(size == 1 for size in shape[2:]):
        draft.bypass(op)
    elif len(shape) == 3:
        draft.rewrite(op, _REDUCED[op.op], op.inputs, {"axes": (2,), "keepdims": 1})
