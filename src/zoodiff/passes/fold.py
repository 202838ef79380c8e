"""Folds what is computed from constants and from shapes: weights stay weights, chains of Shape become numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from zoodiff.draft import Draft, Op

AFTER: tuple[str, ...] = ()

SMALL = 4096
"""Elements: what is larger is a weight, whose values nobody needs."""

_RANDOM = ("RandomNormal", "RandomUniform", "RandomNormalLike", "RandomUniformLike", "Bernoulli", "Multinomial")


def run(draft: Draft) -> None:
    """Fold in one walk through the graph, then take out what leads nowhere."""
    draft.sort()
    for op in draft.ops:
        if op.op in _RANDOM or any(not name for name in op.outputs):
            continue
        if op.op in ("Shape", "Size") and not op.domain:
            _shape(draft, op)
        elif op.inputs and all(not name or name in draft.constants for name in op.inputs):
            _constant(draft, op)
    draft.sweep()


def _shape(draft: Draft, op: Op) -> None:
    shape = draft.whole(op.inputs[0])
    if shape is None:
        return
    if op.op == "Size":
        draft.fold(op, [np.array(int(np.prod(shape, dtype=np.int64)), np.int64)])
        return
    start, end = op.attributes.get("start", 0), op.attributes.get("end", len(shape))
    draft.fold(op, [np.array(shape[start:end], np.int64)])


def _constant(draft: Draft, op: Op) -> None:
    results = _evaluate(draft, op)
    if results is not None:
        draft.fold(op, results)
    elif all(draft.whole(name) is not None for name in op.outputs):
        draft.fold(op, [None] * len(op.outputs))


def _evaluate(draft: Draft, op: Op) -> list[np.ndarray[Any, Any]] | None:
    """The outputs' values where all inputs have theirs and all is small; None where not."""
    from onnx.reference import ReferenceEvaluator

    from zoodiff.emit import node

    feeds = {name: draft.data(name) for name in op.inputs if name}
    sizes = [draft.whole(name) for name in op.outputs]
    if any(data is None for data in feeds.values()) or any(s is None or np.prod(s) > SMALL for s in sizes):
        return None
    try:
        results = ReferenceEvaluator(node(op)).run(None, feeds)
    except Exception:  # an operator that the evaluator lacks: then it stays a constant without values
        return None
    arrays = [np.asarray(result) for result in results]
    return arrays if all(array.size <= SMALL for array in arrays) else None
