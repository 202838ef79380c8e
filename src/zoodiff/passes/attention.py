"""Writes attention one way: three projections, the scale on the product of queries and keys, softmax along the keys.

softmax(q k^T * scale + mask) v (Vaswani et al. 2017, arXiv:1706.03762, eq. 1).
"""

from __future__ import annotations

import math

import numpy as np

from zoodiff.draft import Draft, Op
from zoodiff.passes._axes import Shape, inverse, permuted

AFTER: tuple[str, ...] = ("defaults", "dense", "fold", "identity", "layout", "operands", "reshape", "selection")

_MOVES = ("Reshape", "Transpose")


def run(draft: Draft) -> None:
    """Rewrite products given as Einsum, packed projections, scales, and the order of a product's operands."""
    draft.sort()
    for op in draft.ops:
        if op in draft and not op.domain:
            _REWRITES.get(op.op, _nothing)(draft, op)


def _nothing(draft: Draft, op: Op) -> None:
    """Most operators are no part of attention."""


# ---------------------------------------------------------------- Einsum


def _einsum(draft: Draft, op: Op) -> None:
    """An Einsum of two operands that is a product of (stacks of) matrices."""
    terms, arrow, result = op.attributes["equation"].replace(" ", "").partition("->")
    names = terms.split(",")
    shapes = [draft.whole(name) for name in op.inputs]
    if not arrow or len(names) != 2 or op.inputs[0] == op.inputs[1] or None in shapes or "." in terms:
        return
    if op.inputs[0] in draft.constants:  # the weight of a dense layer goes right
        names.reverse()
        shapes.reverse()
        inputs = op.inputs[::-1]
    else:
        inputs = op.inputs
    left, right = names
    sizes: dict[str, int] = {}
    for name, shape in zip(names, shapes, strict=True):
        assert shape is not None
        if len(set(name)) < len(name) or any(sizes.setdefault(x, size) != size for x, size in zip(name, shape, strict=True)):
            return
    stack = [x for x in result if x in left and x in right]
    summed = [x for x in left if x in right and x not in result]
    rows, columns = [x for x in result if x not in right], [x for x in result if x not in left]
    known = sorted([*stack, *summed, *rows]) == sorted(left) and sorted([*stack, *summed, *columns]) == sorted(right)
    if not known or not summed or any(name in draft.constants for name in inputs[:1]):
        return
    if inputs[1] in draft.constants and stack:
        return
    made = [*stack, *rows, *columns]
    batch = tuple(sizes[x] for x in stack)
    m, k, n = (math.prod(sizes[x] for x in group) for group in (rows, summed, columns))
    output = draft.whole(op.outputs[0])
    draft.rewrite(op, "MatMul", inputs)
    _arrange(draft, op, 0, [left.index(x) for x in (*stack, *rows, *summed)], (*batch, m, k))
    _arrange(draft, op, 1, [right.index(x) for x in (*stack, *summed, *columns)], (*batch, k, n))
    apart = tuple(sizes[x] for x in made)
    turn = draft.append(op, "Transpose", {"perm": tuple(made.index(x) for x in result)}, apart)
    assert output == draft.whole(turn.outputs[0])
    draft.append(op, "Reshape", {"shape": apart}, (*batch, m, n))


def _arrange(draft: Draft, op: Op, at: int, perm: list[int], shape: Shape) -> None:
    """Let an operand have its axes in another order, then another shape."""
    source = op.inputs[at]
    if source in draft.constants:
        made = draft.reshaped(draft.transposed(source, tuple(perm)), shape)
        draft.rewrite(op, op.op, [name if place != at else made for place, name in enumerate(op.inputs)])
        return
    before = draft.whole(source)
    assert before is not None
    draft.insert(op, at, "Transpose", {"perm": tuple(perm)}, permuted(before, perm))
    draft.insert(op, at, "Reshape", {"shape": shape}, shape)


# ---------------------------------------------------------------- packed projections


def _packed(draft: Draft, op: Op) -> None:
    """A dense layer whose output is only ever read in pieces is as many dense layers."""
    output, weight = draft.whole(op.outputs[0]), draft.constants.get(op.inputs[1])
    readers = draft.readers(op.outputs[0])
    if output is None or weight is None or op.attributes or op.outputs[0] in draft.outputs or not readers:
        return
    if any(name not in draft.constants for name in op.inputs[2:]):
        return
    pieces = [piece for reader in readers for piece in _pieces(draft, reader, len(output) - 1) or [(0, 0)]]
    ordered, width = sorted(pieces), output[-1]
    if len(ordered) < 2 or [0, *(end for _, end in ordered)] != [*(start for start, _ in ordered), width]:
        return
    parts = [part for reader in readers for part in draft.apart(reader)]
    draft.share(op, parts)
    for part, (start, end) in zip(parts, pieces, strict=True):
        given = [_piece(draft, name, start, end) for name in op.inputs[1:]]
        draft.rewrite(part, "Gemm", [op.inputs[0], *given], absorbed=[op])


def _pieces(draft: Draft, op: Op, axis: int) -> list[tuple[int, int]] | None:
    """Which part of an axis each output of an operator is; None where it does not only cut along it."""
    said = op.attributes
    if op.domain or len(op.inputs) > 1:
        return None
    if op.op == "Slice" and said.get("axes") == (axis,) and "steps" not in said:
        return [(said["starts"][0], said["ends"][0])]
    if op.op == "Split" and said["axis"] == axis:
        shapes = [draft.whole(name) for name in op.outputs]
        ends = np.cumsum([shape[axis] if shape is not None else 0 for shape in shapes]).tolist()
        return list(zip([0, *ends], ends, strict=False))
    return None


def _piece(draft: Draft, name: str, start: int, end: int) -> str:
    """A part of a weight's or a bias's last axis."""
    shape = draft.constants[name].shape
    said = {"starts": (start,), "ends": (end,), "axes": (len(shape) - 1,)}
    return draft.derived("Slice", [name], said, (*shape[:-1], end - start))


# ---------------------------------------------------------------- the scale


def _product(draft: Draft, op: Op) -> None:
    """A product of two tensors: scales of its operands become one of the product; weights of a mean stand left."""
    shapes = [draft.whole(name) for name in op.inputs]
    if any(name in draft.constants for name in op.inputs) or any(shape is None or len(shape) < 2 for shape in shapes):
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
    return draft.new_constant(number, np.reciprocal(data.reshape(())))


def _joined(draft: Draft, op: Op) -> None:
    """A scale after a product is a multiplication, and two scales in a row are one."""
    found = _scaled(draft, op)
    earlier = draft.maker(found[0]) if found is not None else None
    if found is None or earlier is None or draft.only_reader(found[0]) is not op or earlier.domain:
        return
    first = _scaled(draft, earlier)
    if first is not None:
        one, other = _factor(draft, earlier, first[1]), _factor(draft, op, found[1])
        values = draft.data(one), draft.data(other)
        if values[0] is None or values[1] is None:
            both = draft.derived("Mul", [one, other], {}, ())
        else:
            both = draft.new_constant(one, np.multiply(*values).reshape(()))
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
    "Einsum": _einsum,
    "Gemm": _packed,
    "MatMul": _product,
    "Mul": _joined,
    "Softmax": _softmax,
}
