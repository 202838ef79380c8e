"""Takes packed projections apart: a dense layer whose output is only read in pieces is as many dense layers."""

from __future__ import annotations

from itertools import accumulate

from zoodiff.reducing.draft import Draft, Op

AFTER: tuple[str, ...] = ("defaults", "dense", "fold", "identity", "layout", "operands", "reshape", "selection")


def run(draft: Draft) -> None:
    """Cut the weights where the output is cut, as the query, key and value of attention are."""
    for op in draft.ops:
        if op in draft and op.op == "Gemm" and not op.domain:
            _packed(draft, op)


def _packed(draft: Draft, op: Op) -> None:
    output, weight = draft.whole(op.outputs[0]), draft.constants.get(op.inputs[1])
    readers = draft.readers(op.outputs[0])
    if output is None or weight is None or op.attributes or op.outputs[0] in draft.outputs or not readers:
        return
    if any(name not in draft.constants for name in op.inputs[2:]):
        return
    cuts = [_pieces(draft, reader, len(output) - 1) for reader in readers]
    pieces = [piece for cut in cuts for piece in cut]
    ordered = sorted(pieces)
    if not all(cuts) or [0, *(end for _, end in ordered)] != [*(start for start, _ in ordered), output[-1]]:
        return
    parts = [part for reader in readers for part in draft.apart(reader)]
    draft.share(op, parts)
    for part, (start, end) in zip(parts, pieces, strict=True):
        given = [_piece(draft, name, start, end) for name in op.inputs[1:]]
        draft.rewrite(part, "Gemm", [op.inputs[0], *given], absorbed=[op])


def _pieces(draft: Draft, op: Op, axis: int) -> list[tuple[int, int]]:
    """Which part of an axis each output of an operator is; nothing where it does not only cut along it."""
    said = op.attributes
    shapes = [draft.whole(name) for name in op.outputs]
    sizes = [shape[axis] for shape in shapes if shape is not None and len(shape) > axis]
    if op.domain or len(op.inputs) > 1 or len(sizes) < len(shapes) or 0 in sizes:
        return []
    if op.op == "Slice" and said.get("axes") == (axis,) and "steps" not in said:
        return [(said["starts"][0], said["ends"][0])]
    if op.op == "Split" and said["axis"] == axis:
        ends = list(accumulate(sizes))
        return list(zip([0, *ends], ends, strict=False))
    return []


def _piece(draft: Draft, name: str, start: int, end: int) -> str:
    """A part of a weight's or a bias's last axis."""
    shape = draft.constants[name].shape
    said = {"starts": (start,), "ends": (end,), "axes": (len(shape) - 1,)}
    return draft.derived("Slice", [name], said, (*shape[:-1], end - start))
