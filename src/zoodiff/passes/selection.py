"""Writes what takes one index of an axis as what takes a run of them: Slice, with its bounds in plain numbers."""

from __future__ import annotations

from zoodiff.reducing.draft import Draft, Op

AFTER: tuple[str, ...] = ("defaults", "fold", "identity", "operands")


def run(draft: Draft) -> None:
    """Rewrite Gathers of one constant index, then bounds that are negative, beyond the end, or of whole axes."""
    for op in draft.ops:
        if op.op == "Gather" and not op.domain:
            _gather(draft, op)
    for op in draft.ops:
        if op.op == "Slice" and not op.domain and len(op.inputs) == 1:
            _slice(draft, op)


def _gather(draft: Draft, op: Op) -> None:
    """Gather(x, one index) is a Slice of size 1, in the shape that the rank of the index asks for."""
    shape, after, index = draft.whole(op.inputs[0]), draft.whole(op.outputs[0]), draft.number(op.inputs[1])
    if shape is None or after is None or index is None or op.inputs[0] in draft.constants:
        return
    axis = op.attributes.get("axis", 0) % len(shape)
    start = int(index) % shape[axis]
    inner = (*shape[:axis], 1, *shape[axis + 1 :])
    draft.rewrite(op, "Slice", op.inputs[:1], {"starts": (start,), "ends": (start + 1,), "axes": (axis,)})
    draft.append(op, "Reshape", {"shape": after}, inner)


def _slice(draft: Draft, op: Op) -> None:
    said, shape = op.attributes, draft.whole(op.inputs[0])
    if shape is None or any(step != 1 for step in said.get("steps", ())) or not {"starts", "ends"} <= said.keys():
        return
    axes = [axis % len(shape) for axis in said.get("axes", range(len(said["starts"])))]
    if len(set(axes)) < len(axes):
        return
    runs = sorted(
        (axis, *(_bound(at, shape[axis]) for at in bounds))
        for axis, *bounds in zip(axes, said["starts"], said["ends"], strict=True)
    )
    runs = [(axis, start, end) for axis, start, end in runs if (start, end) != (0, shape[axis])]
    if runs:
        plain = dict(zip(("axes", "starts", "ends"), zip(*runs, strict=True), strict=True))
        if plain != said:
            draft.rewrite(op, "Slice", op.inputs, plain)


def _bound(at: int, size: int) -> int:
    return min(max(at + size if at < 0 else at, 0), size)
