"""Writes Concat of Concat as one, and Sum as Adds, in the order in which they stand."""

from __future__ import annotations

from typing import Final

from zoodiff.reducing.draft import Draft, Op

AFTER: tuple[str, ...] = ("defaults", "fold", "identity", "layout", "operands")

MOST: Final = 100_000
"""Most inputs that all Concats may have together: in a chain of them they grow with its length squared."""


def run(draft: Draft) -> None:
    """Walk down once, so that what a Concat takes in is flat already."""
    draft.sort()
    room = MOST - sum([len(op.inputs) for op in draft.ops if op.op == "Concat"])
    for op in draft.ops:
        if op.domain or op not in draft:
            continue
        if op.op == "Concat":
            room -= _flatten(draft, op, room)
        elif op.op == "Sum":
            _chain(draft, op)


def _flatten(draft: Draft, op: Op, room: int) -> int:
    """Take in what the Concats before it take in, unless these are more than there is room for; how many more."""
    inner = [draft.maker(name) for name in op.inputs]
    alike = [maker if maker is not None and _same(op, maker) else None for maker in inner]
    more = sum([len(maker.inputs) - 1 for maker in alike if maker is not None])
    if not any(alike) or more > room:
        return 0
    inputs = [
        name
        for given, maker in zip(op.inputs, alike, strict=True)
        for name in (maker.inputs if maker is not None else [given])
    ]
    absorbed = dict.fromkeys(maker for maker in alike if maker is not None)
    draft.rewrite(op, "Concat", inputs, op.attributes, absorbed=list(absorbed))
    return more


def _same(op: Op, maker: Op) -> bool:
    return maker.op == "Concat" and not maker.domain and maker.attributes == op.attributes


def _chain(draft: Draft, op: Op) -> None:
    """Sum(a, b, c) is Add(Add(a, b), c)."""
    shapes = {draft.whole(name) for name in op.inputs}
    if len(op.inputs) < 2 or len(shapes) > 1 or None in shapes:
        return
    first, *rest = op.inputs
    shape = shapes.pop()
    draft.rewrite(op, "Add", [first, rest[0]])
    for name in rest[1:]:
        later = draft.append(op, "Add", {}, shape)
        draft.rewrite(later, "Add", [*later.inputs, name])
        op = later
