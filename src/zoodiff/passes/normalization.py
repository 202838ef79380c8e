"""Recognises layer normalization in all its spellings, and joins scales and shifts to the normalization before them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import permutations

import numpy as np

from zoodiff.passes._axes import inverse, permuted
from zoodiff.passes._elementwise import (
    MEANING,
    Array,
    Expression,
    Step,
    evaluate,
    expressions,
    numbers,
    program,
    rounded,
)
from zoodiff.reducing.draft import Draft, Op

AFTER: tuple[str, ...] = ("activation", "defaults", "fold", "identity", "layout", "operands", "pooling", "reshape")

TOLERANCE = 1e-6
_WIDTH = 7
_ROOTS = ("Add", "Sub", "Mul", "Div")


def run(draft: Draft) -> None:
    """From the last operator to the first, name the largest layer normalization that ends in each."""
    draft.sort()
    ops = draft.ops
    place = {op: at for at, op in enumerate(ops)}
    for root in reversed(ops):
        if root in draft and root.op in _ROOTS and not root.domain:
            _layer(draft, root, place)
    for op in ops:
        if op in draft and op.op in ("Mul", "Add") and not op.domain:
            _batch(draft, op)


def _allowed(op: Op) -> bool:
    if op.op == "ReduceMean":
        return len(op.attributes.get("axes", ())) == 1 and bool(op.attributes.get("keepdims"))
    return op.op in MEANING and not op.domain


# ---------------------------------------------------------------- layer normalization


def _layer(draft: Draft, root: Op, place: dict[Op, int]) -> None:
    best = None
    for found in expressions(draft, root, place, _allowed):
        axes = {op.attributes["axes"][0] for op in found.ops if op.op == "ReduceMean"}
        shape = draft.whole(found.source)
        if len(axes) != 1 or shape is None or shape != draft.whole(root.outputs[0]):
            continue
        axis = axes.pop()
        vectors = _vectors(draft, found, axis, len(shape), shape[axis])
        steps = (
            program(draft, found, {name: -1 - at for at, name in enumerate(vectors)}) if vectors is not None else None
        )
        meaning = recognise(steps, len(vectors or ())) if steps is not None else None
        if vectors is not None and meaning is not None:
            best = found, axis, [vectors[at] if at is not None else "" for at in meaning[0]], meaning[1]
    if best is not None:
        _rewrite(draft, root, *best)


def _vectors(draft: Draft, found: Expression, axis: int, rank: int, width: int) -> list[str] | None:
    """The constants along the normalized axis; None where one lies along another."""
    names: dict[str, None] = {}
    for op in found.ops:
        for name in op.inputs:
            if name not in draft.constants or draft.number(name) is not None:
                continue
            shape = draft.constants[name].shape
            wide = (1,) * (rank - len(shape)) + shape
            if len(wide) != rank or any(size != (width if at == axis else 1) for at, size in enumerate(wide)):
                return None
            names[name] = None
    return list(names) if len(names) <= 2 else None


@lru_cache(maxsize=1024)
def recognise(steps: tuple[Step, ...], count: int) -> tuple[tuple[int | None, int | None], float] | None:
    """Which vectors are scale and shift, and epsilon, if an expression is a layer normalization; else None.

    y = (x - mean) / sqrt(variance + epsilon) * scale + shift (Ba, Kiros and Hinton 2016, arXiv:1607.06450, eq. 4).
    """
    random = np.random.default_rng(0)
    x = random.standard_normal((6, _WIDTH)) * np.logspace(-4, 1, 6)[:, None] + random.standard_normal((6, 1))
    vectors = [random.standard_normal(_WIDTH) for _ in range(count)]
    with np.errstate(all="ignore"):
        y = evaluate(steps, x, vectors)
    if y.shape != x.shape or not np.isfinite(y).all():
        return None
    centred = x - x.mean(-1, keepdims=True)
    variance = (centred**2).mean(-1, keepdims=True)
    roles = [roles for roles in permutations([*range(count), None, None], 2) if {*range(count)} <= {*roles}]
    for epsilon in {value for value in numbers(steps) if 0 < value < 0.1}:
        plain = centred / np.sqrt(variance + epsilon)
        for scale, shift in roles:
            if _close(y, _affine(plain, vectors, scale, shift)):
                return (scale, shift), rounded(epsilon)
    return None


def _affine(plain: Array, vectors: Sequence[Array], scale: int | None, shift: int | None) -> Array:
    scaled = plain if scale is None else plain * vectors[scale]
    return scaled if shift is None else scaled + vectors[shift]


def _close(one: Array, other: Array) -> bool:
    return bool(np.all(np.abs(one - other) <= TOLERANCE * np.abs(other).max()))


def _rewrite(draft: Draft, root: Op, found: Expression, axis: int, vectors: list[str], epsilon: float) -> None:
    shape = draft.whole(found.source)
    assert shape is not None
    given = [draft.reshaped(name, (shape[axis],)) if name else "" for name in vectors]
    while given and not given[-1]:
        given.pop()
    attributes = {"axis": -1, "epsilon": epsilon}
    draft.rewrite(root, "LayerNormalization", [found.source, *given], attributes, absorbed=found.ops[:-1])
    if axis != len(shape) - 1:
        perm = (*(at for at in range(len(shape)) if at != axis), axis)
        turned = permuted(shape, perm)
        draft.insert(root, 0, "Transpose", {"perm": perm}, turned)
        draft.append(root, "Transpose", {"perm": inverse(perm)}, turned)


# ---------------------------------------------------------------- batch normalization


def _batch(draft: Draft, op: Op) -> None:
    """BatchNormalization(x) * a + b is one with scale * a and shift * a + b."""
    for at in (0, 1):
        earlier, name = draft.maker(op.inputs[at]), op.inputs[1 - at]
        if earlier is None or earlier.op != "BatchNormalization" or name not in draft.constants:
            continue
        shape, width = draft.whole(op.outputs[0]), draft.constants[earlier.inputs[1]].shape
        constant = draft.constants[name].shape
        if shape is None or draft.only_reader(op.inputs[at]) is not op or draft.whole(op.inputs[at]) != shape:
            continue
        wide = (1,) * (len(shape) - len(constant)) + constant
        if any(size != (width[0] if axis == 1 else 1) for axis, size in enumerate(wide)):
            continue
        source, scale, shift, mean, variance = earlier.inputs
        vector = draft.reshaped(name, width)
        if op.op == "Mul":
            scale = draft.derived("Mul", [scale, vector], {}, width)
            shift = draft.derived("Mul", [shift, vector], {}, width)
        else:
            shift = draft.derived("Add", [shift, vector], {}, width)
        inputs = [source, scale, shift, mean, variance]
        draft.rewrite(op, "BatchNormalization", inputs, earlier.attributes, absorbed=[earlier])
        op.name = earlier.name
        return
