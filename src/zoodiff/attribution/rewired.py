"""Find pairs of steps whose inputs are pairs, but not with each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from zoodiff.alignment.align import Pairing
from zoodiff.attribution.root import Root
from zoodiff.reducing.net import Net, Step, added_on


def rewired(left: Net, right: Net, pairing: Pairing) -> Iterator[Root]:
    """The root causes that lie in what the steps of a pair read."""
    mate, etam = pairing.left, pairing.right
    random, most = Random(0), len(right.steps) + len(left.inputs) + len(right.inputs)
    numbers = [random.getrandbits(64) for _ in range(most)]  # sums of other terms are equal once in 2^64
    ours = _read(left, mate, lambda at: numbers[mate[at] if at >= 0 else at])
    theirs = _read(right, etam, lambda at: numbers[at])
    for a, b in enumerate(mate):
        if b < 0:
            continue
        one, two = left.steps[a], right.steps[b]
        if added_on(left, one) and added_on(right, two):
            continue
        if ours[a] != theirs[b] and ours[a] is not None and theirs[b] is not None:
            op = "Shortcut" if one.op == "Add" else one.op
            yield Root("rewired", op, "wiring", _names(left, one), _names(right, two), [one], [two])


def _read(net: Net, mate: list[int], number: Callable[[int], int]) -> list[int | None]:
    """Per step, the sum of the numbers of what it reads; None where something of it has no partner.

    A sum that a sum goes on with stands for its terms, as the order of addition is free.
    """
    found: list[int | None] = []
    for step in net.steps:
        total: int | None = 0
        for at, _ in step.inputs:
            if at >= 0 and mate[at] < 0:
                term = None
            elif step.op == "Add" and at >= 0 and added_on(net, net.steps[at]):
                term = found[at]
            else:
                term = number(at)
            total = None if total is None or term is None else total + term
        found.append(total)
    return found


def _names(net: Net, step: Step) -> list[str]:
    return [net.steps[s].name if s >= 0 else net.inputs[-1 - s].name for s, _ in step.inputs]
