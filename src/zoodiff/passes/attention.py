"""Writes attention one way: the scale on the product of queries and keys, and softmax along the keys.

softmax(q k^T * scale + mask) v (Vaswani et al. 2017, arXiv:1706.03762, eq. 1).
"""

from __future__ import annotations

import math

import numpy as np

from zoodiff.passes._axes import Shape, inverse, permuted
from zoodiff.reducing.draft import Draft, Op

AFTER: tuple[str, ...] = (
    "defaults",
    "dense",
    "einsum",
    "fold",
    "identity",
    "layout",
    "operands",
    "reshape",
    "selection",
)

_MOVES = ("Reshape", "Transpose")


def run(draft: Draft) -> None:
    """Rewrite scales, then the order of the operands where softmax tells which are queries and keys."""
    draft.visit(_REWRITES)


# ---------------------------------------------------------------- the scale


def _product(draft: Draft, op: Op) -> None:
    """A product of two tensors: scales of its operands become one of the product; weights of a mean stand left."""
    if op.inputs[0] == op.inputs[1] or any(name in draft.constants for name in op.inputs):
        return
    if any(len(draft.whole(name) or ()) < 2 for name in op.inputs):
        return
    if _softmax_above(draft, op.inputs[1]) and not _softmax_above(draft, op.inputs[0]):
        _flip(draft, op)
    for name in op.inputs:
        scale = _scale_above(draft, name)
        if scale is not None:
            _lower(draft, op, scale)


def _scaled(draft: Draft, op: Op) -> tuple[str, str] | None:
    """The tensor and the number that an operator multiplies or divides it by, if it does."""
    if op.op not in ("Mul", "Div") or op.domain:
        return None
    for at in (0, 1) if op.op == "Mul" else (0,):
        source, number = op.inputs[at], op.inputs[1 - at]
        known = number in draft.constants and source not in draft.constants
        if known and math.prod(draft.constants[number].shape) == 1:
            return (source, number) if draft.whole(source) == draft.whole(op.outputs[0]) is not None else None
    return None


def _scale_above(draft: Draft, name: str) -> Op | None:
    """The scale of a tensor, before it was moved about; None where others see the scaled tensor too."""
    while (maker := draft.maker(name)) is not None and draft.only_reader(name) is not None and not maker.domain:
        if _scaled(draft, maker) is not None:
            return maker
        if maker.op not in _MOVES or len(maker.inputs) > 1:
            return None
        name = maker.inputs[0]
    return None


def _lower(draft: Draft, product: Op, scale: Op) -> None:
    found = _scaled(draft, scale)
    assert found is not None
    factor = _factor(draft, scale, found[1])
    later = draft.append(product, "Mul", {}, draft.whole(product.outputs[0]))
    draft.rewrite(later, "Mul", [*later.inputs, factor])
    later.name, later.scope, later.origin, scale.origin = scale.name, scale.scope, scale.origin, []
    draft.bypass(scale, found[0])


def _factor(draft: Draft, op: Op, number: str) -> str:
    """What a Mul or Div multiplies by, as a constant without axes."""
    if op.op == "Mul":
        return draft.reshaped(number, ())
    data = draft.data(number)
    if data is None:
        return draft.derived("Reciprocal", [draft.reshaped(number, ())], {}, ())
    return draft.new_constant(number, np.asarray(1 / data.reshape(()), data.dtype))


def _joined(draft: Draft, op: Op) -> None:
    """A scale after a product is a multiplication, and two scales in a row are one."""
    found = _scaled(draft, op)
    earlier = draft.maker(found[0]) if found is not None else None
    if found is None or earlier is None or draft.only_reader(found[0]) is not op or earlier.domain:
        return
    first = _scaled(draft, earlier)
    if first is not None:
        one, other = _factor(draft, earlier, first[1]), _factor(draft, op, found[1])
        left, right = draft.data(one), draft.data(other)
        if left is None or right is None:
            both = draft.derived("Mul", [one, other], {}, ())
        else:
            both = draft.new_constant(one, np.asarray(left * right))
        draft.rewrite(op, "Mul", [first[0], both], absorbed=[earlier])
    elif op.op == "Div" and earlier.op == "MatMul":
        draft.rewrite(op, "Mul", [found[0], _factor(draft, op, found[1])])


# ---------------------------------------------------------------- which operand is which


def _softmax(draft: Draft, op: Op) -> None:
    """Softmax along the last axis but one of a product is softmax along the last of the product turned around."""
    shape = draft.whole(op.outputs[0])
    if shape is None or "coerced" in op.attributes or op.attributes.get("axis") != len(shape) - 2:
        return
    name = op.inputs[0]
    while (maker := draft.maker(name)) is not None and draft.only_reader(name) is not None and not maker.domain:
        if maker.op == "MatMul" and len(draft.whole(name) or ()) == len(shape):
            _flip(draft, maker)
            return
        tensors = [given for given in maker.inputs if given not in draft.constants]
        if maker.op not in ("Add", "Sub", "Mul", "Div") or len(tensors) != 1:
            return
        name = tensors[0]


def _softmax_above(draft: Draft, name: str) -> bool:
    while (maker := draft.maker(name)) is not None and maker.op in _MOVES and not maker.domain:
        name = maker.inputs[0]
    return maker is not None and maker.op == "Softmax" and not maker.domain


def _flip(draft: Draft, op: Op) -> None:
    """a b is the transpose of b^T a^T."""
    shapes = [draft.whole(name) for name in (*op.inputs, op.outputs[0])]
    if any(shape is None or len(shape) < 2 for shape in shapes):
        return
    left, right, output = ((shape, _swap(len(shape))) for shape in shapes if shape is not None)
    draft.rewrite(op, "MatMul", op.inputs[::-1])
    for at, (shape, perm) in enumerate((right, left)):
        draft.insert(op, at, "Transpose", {"perm": perm}, permuted(shape, perm))
    shape, perm = output
    draft.append(op, "Transpose", {"perm": perm}, permuted(shape, inverse(perm)))


def _swap(rank: int) -> Shape:
    return (*range(rank - 2), rank - 1, rank - 2)


_REWRITES = {
    "Div": _joined,
    "MatMul": _product,
    "Mul": _joined,
    "Softmax": _softmax,
}
