"""Writes an Einsum that is a product of two matrices, or of stacks of them, as MatMul."""

from __future__ import annotations

import math
from typing import NamedTuple

from zoodiff.passes._axes import Shape, permuted
from zoodiff.reducing.draft import Draft, Op

AFTER: tuple[str, ...] = ("fold", "identity", "operands")


def run(draft: Draft) -> None:
    """Rewrite each Einsum of two operands whose indices are of four kinds: of the stack, summed, rows and columns."""
    for op in draft.ops:
        if op.op == "Einsum" and not op.domain and len(op.inputs) == 2:
            _einsum(draft, op)


class _Indices(NamedTuple):
    """The letters of an Einsum by what they do."""

    stack: str
    rows: str
    summed: str
    columns: str


def _einsum(draft: Draft, op: Op) -> None:
    terms, _, result = op.attributes["equation"].replace(" ", "").partition("->")
    operands = list(zip(terms.split(","), op.inputs, strict=True))
    if op.inputs[0] in draft.constants:  # a weight stands right
        operands.reverse()
    (left, first), (right, second) = operands
    sizes = _sizes(draft, operands)
    known = _indices(left, right, result) if sizes is not None else None
    if sizes is None or known is None or first in draft.constants or (second in draft.constants and known.stack):
        return
    stack = tuple(sizes[x] for x in known.stack)
    rows, summed, columns = (math.prod(sizes[x] for x in letters) for letters in known[1:])
    made = known.stack + known.rows + known.columns
    apart = tuple(sizes[x] for x in made)
    draft.rewrite(op, "MatMul", [first, second])
    _arrange(draft, op, 0, [left.index(x) for x in known.stack + known.rows + known.summed], (*stack, rows, summed))
    _arrange(
        draft, op, 1, [right.index(x) for x in known.stack + known.summed + known.columns], (*stack, summed, columns)
    )
    draft.append(op, "Transpose", {"perm": tuple(made.index(x) for x in result)}, apart)
    draft.append(op, "Reshape", {"shape": apart}, (*stack, rows, columns))


def _sizes(draft: Draft, operands: list[tuple[str, str]]) -> dict[str, int] | None:
    """The size of each index; None where they are not known, or broadcast, or an operand's diagonal is meant."""
    sizes: dict[str, int] = {}
    for letters, name in operands:
        shape = draft.whole(name)
        if shape is None or "." in letters or len(set(letters)) < len(letters):
            return None
        if any(sizes.setdefault(x, size) != size for x, size in zip(letters, shape, strict=True)):
            return None
    return sizes


def _indices(left: str, right: str, result: str) -> _Indices | None:
    """None where the Einsum is no product of matrices: nothing, or an index of one operand alone, is summed."""
    found = _Indices(
        stack="".join(x for x in result if x in left and x in right),
        rows="".join(x for x in result if x not in right),
        summed="".join(x for x in left if x in right and x not in result),
        columns="".join(x for x in result if x not in left),
    )
    sides = found.stack + found.rows + found.summed, found.stack + found.summed + found.columns
    alike = sorted(sides[0]) == sorted(left) and sorted(sides[1]) == sorted(right)
    return found if alike and found.summed and result else None


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
