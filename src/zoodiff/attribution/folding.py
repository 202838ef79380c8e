"""Presume batch normalization folded into convolutions where a network keeps none and its twin has it throughout."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from zoodiff.alignment.align import Pairing
from zoodiff.attribution.root import DETAIL, Root
from zoodiff.reducing.net import Net, Step

FOLDED_INTO = "BatchNormalization"


def presume(left: Net, right: Net, pairing: Pairing, found: Iterable[Root]) -> tuple[str, ...]:
    """Names of the convolutions into which normalization was presumably folded; what was folded becomes a detail.

    A folded normalization leaves its shift behind as the convolution's bias: without one, it was removed, not folded.
    Where the twin's convolutions have a bias of their own, a graph cannot tell the two; both are said then: the layers
    stand in the list, and the difference stays one of architecture.
    """
    if not _normalized(left) and _normalized(right):
        whole, mates, plain = right, pairing.right, left
    elif not _normalized(right) and _normalized(left):
        whole, mates, plain = left, pairing.left, right
    else:
        return ()
    into = {step.index: _into(whole, step, mates, plain) for step in _normalized(whole)}
    if any(mate is None for mate in into.values()):
        return ()
    for root in found:
        steps = [step for step in root.mine + root.theirs if step.index in into and step.op == FOLDED_INTO]
        if root.op == "Normalization" and root.what == "layer" and steps and _bare(whole, steps):
            root.group = DETAIL
    return tuple(mate.name for mate in into.values() if mate is not None)


def _normalized(net: Net) -> list[Step]:
    return [step for step in net.steps if step.op == FOLDED_INTO]


def _into(whole: Net, step: Step, mates: Sequence[int], plain: Net) -> Step | None:
    """The twin of the convolution before a normalization, where it could hold it: it has a bias."""
    above = step.inputs[0][0] if step.inputs else -1
    if above < 0 or not whole.steps[above].weighted or mates[above] < 0:
        return None
    mate = plain.steps[mates[above]]
    return mate if mate.attributes.get("bias") else None


def _bare(whole: Net, steps: Iterable[Step]) -> bool:
    """Whether the convolutions before these normalizations have no bias of their own."""
    return not any(whole.steps[step.inputs[0][0]].attributes.get("bias") for step in steps)
