"""See a difference from the other side: what was right is left."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import msgspec

from zoodiff.comparison.difference import Cause, Difference, Gap
from zoodiff.proof.parting import Parting
from zoodiff.proof.prove import Equivalence
from zoodiff.record import Unmeasured

_REVERSED: Final = {"missing": "added", "added": "missing"}
_OTHER: Final = {"left": "right", "right": "left"}


def reverse(difference: Difference) -> Difference:
    """The same difference seen from the other side."""
    return msgspec.structs.replace(
        difference,
        left=difference.right,
        right=difference.left,
        macs=_gap(difference.macs),
        params=_gap(difference.params),
        differences=tuple(_cause(cause) for cause in difference.differences),
        remainder={name: -value for name, value in difference.remainder.items()},
        sized=tuple([_OTHER[side] for side in difference.sized]),
        proof=_proof(difference.proof),
        aligned=difference.aligned and replace(difference.aligned, turned=not difference.aligned.turned),
    )


def _cause(cause: Cause) -> Cause:
    named = cause.left is not None and cause.right is not None and cause.op == cause.left.value
    back = msgspec.structs.replace(
        cause,
        op=cause.right.value if named and cause.right else cause.op,
        kind=_REVERSED.get(cause.kind, cause.kind),
        left=cause.right,
        right=cause.left,
        macs_delta=-cause.macs_delta,
        params_delta=-cause.params_delta,
        consequences=tuple(
            msgspec.structs.replace(c, macs_delta=-c.macs_delta, params_delta=-c.params_delta)
            for c in cause.consequences
        ),
    )
    return back.worded()


def _gap(gap: Gap) -> Gap:
    return Gap(gap.right, gap.left, -gap.delta, tuple(reversed([_OTHER[side] for side in gap.at_least])))


def _proof(proof: Equivalence | Parting | Unmeasured | None) -> Equivalence | Parting | Unmeasured | None:
    if isinstance(proof, Parting):
        return msgspec.structs.replace(proof, left=proof.right, right=proof.left)
    return proof
