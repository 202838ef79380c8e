"""Cut a network into the chain of units between the tensors that everything passes through: blocks, without names."""

from __future__ import annotations

from collections.abc import Sequence

from zoodiff.reducing.net import Net


def units(net: Net) -> list[list[int]]:
    """The steps of each unit, in order, the last one being all that later units read.

    A layer in a chain is a unit; so is a residual block with its addition. What does not lead to the output that most
    steps lead to (an auxiliary head) belongs to none.
    """
    inside = max((_above(net, at) for at, _ in net.outputs if at >= 0), key=len, default=set())
    steps = [net.steps[at] for at in sorted(inside)]
    unread = {step.index: len(inside & {reader for reader, _ in step.readers}) for step in steps}
    for source in (s for step in steps for s in {s for s, _ in step.inputs if s < 0}):
        unread[source] = unread.get(source, 0) + 1
    alive = sum(source < 0 for source in unread)
    found: list[list[int]] = [[]]
    for step in steps:
        for source in {s for s, _ in step.inputs}:
            unread[source] -= 1
            alive -= not unread[source]
        alive += 1
        found[-1].append(step.index)
        if alive == 1:
            found.append([])
    return found[:-1]


def _above(net: Net, at: int) -> set[int]:
    """A step and all that it is made of."""
    seen, waiting = {at}, [at]
    while waiting:
        near = {s for s, _ in net.steps[waiting.pop()].inputs if s >= 0} - seen
        seen |= near
        waiting += near
    return seen


def block_starts(net: Net, chain: Sequence[Sequence[int]]) -> list[int]:
    """How well a block starts at each step: 2 where what it reads carries everything and forks, 1 at another weight.

    0 where something else passes by, or in the middle of a chain.
    """
    exits = {unit[-1] for unit in chain}

    def level(source: int, weighted: bool) -> int:
        if source not in exits:
            return 0
        return 2 if len(net.steps[source].readers) > 1 else int(weighted)

    return [level(step.inputs[0][0], step.weighted) if step.inputs else 0 for step in net.steps]
