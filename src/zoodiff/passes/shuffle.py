"""Names the channel shuffle: channels read in groups, written group by group."""

from __future__ import annotations

from zoodiff.reducing.draft import Draft, Op

AFTER: tuple[str, ...] = ("defaults", "fold", "identity", "layout", "operands", "reshape")


def run(draft: Draft) -> None:
    """Rewrite Reshape, Transpose, Reshape (Zhang et al. 2017, arXiv:1707.01083, section 3.1) as ChannelShuffle."""
    for op in draft.ops:
        if op in draft and op.op == "Reshape" and not op.domain and len(op.inputs) == 1:
            _shuffle(draft, op)


def _shuffle(draft: Draft, op: Op) -> None:
    turn = draft.maker(op.inputs[0])
    first = draft.maker(turn.inputs[0]) if turn is not None and turn.op == "Transpose" else None
    if turn is None or first is None or first.op != "Reshape" or len(first.inputs) > 1:
        return
    before, apart, after = draft.whole(first.inputs[0]), draft.whole(turn.inputs[0]), draft.whole(op.outputs[0])
    if before is None or apart is None or before != after or len(apart) != len(before) + 1 or len(before) < 3:
        return
    swapped = (0, 2, 1, *range(3, len(apart)))
    if tuple(turn.attributes.get("perm", ())) == swapped and apart[0] == before[0] and apart[3:] == before[2:]:
        draft.rewrite(op, "ChannelShuffle", first.inputs, {"group": apart[1]}, absorbed=[first, turn])
