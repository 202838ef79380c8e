"""Move a Transpose or a Reshape from before an operator to behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from zoodiff.passes._axes import Shape
from zoodiff.reducing.draft import Draft, Op


def sink(
    draft: Draft,
    op: Op,
    inputs: Sequence[str],
    attributes: dict[str, Any],
    moved: Op,
    inner: Sequence[Shape],
    absorbed: Sequence[Op],
) -> None:
    """Let an operator read what lies before the moved ones, and put one like `moved` on each of its outputs.

    `inner` are the shapes of what the operator makes from then on; `absorbed` go where nobody else reads them.
    """
    draft.rewrite(op, op.op, inputs, attributes, absorbed)
    for at, shape in enumerate(inner):
        output = op.outputs[at]
        kept = draft.whole(output)
        says = {"shape": kept} if moved.op == "Reshape" else moved.attributes
        draft.append(op, moved.op, dict(says), shape, at)
