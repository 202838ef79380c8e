"""Folds what is computed from constants and from shapes: weights stay weights, chains of Shape become numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from zoodiff.fault import Refusal
from zoodiff.reading.values import SMALL, computed
from zoodiff.reducing.draft import Draft, Op
from zoodiff.reducing.emit import node

AFTER: tuple[str, ...] = ()

_LARGEST = (1 << 63) - 1

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
    if shape is None or math.prod(shape) > _LARGEST:
        return
    if op.op == "Size":
        draft.fold(op, [np.array(math.prod(shape), np.int64)])
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
    feeds = {name: data for name in op.inputs if name and (data := draft.data(name)) is not None}
    sizes = [draft.whole(name) for name in op.outputs]
    if any(name and name not in feeds for name in op.inputs):
        return None
    if op.domain or any(size is None or math.prod(size) > SMALL for size in sizes):
        return None
    try:
        written = node(op)
    except (Refusal, TypeError, ValueError):  # with a subgraph, or with attributes that cannot be written
        return None
    return computed(written, feeds)
