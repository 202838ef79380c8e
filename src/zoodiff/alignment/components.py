"""Gather the steps without a partner into connected components, and say what each of these hangs between."""

from __future__ import annotations

from collections.abc import Sequence

from zoodiff.reducing.net import Net, Step

Ends = tuple[frozenset[int], frozenset[int]]


def components(net: Net, mate: Sequence[int]) -> list[list[Step]]:
    """Steps without a partner, those that hang together in one list, in order."""
    number = [-1] * len(net.steps)
    found: list[list[Step]] = []
    for step in net.steps:
        if mate[step.index] >= 0 or number[step.index] >= 0:
            continue
        component, waiting = [], [step.index]
        number[step.index] = len(found)
        while waiting:
            at = waiting.pop()
            component.append(at)
            near = [s for s, _ in net.steps[at].inputs if s >= 0] + [r for r, _ in net.steps[at].readers]
            for other in near:
                if mate[other] < 0 and number[other] < 0:
                    number[other] = len(found)
                    waiting.append(other)
        found.append([net.steps[at] for at in sorted(component)])
    return found


def ends(component: list[Step], partner: Sequence[int]) -> Ends:
    """What some steps read from and are read by, by the partners of what lies around them; inputs are themselves."""
    inside = {step.index for step in component}
    above = {partner[s] if s >= 0 else s for step in component for s, _ in step.inputs if s not in inside}
    below = {partner[r] for step in component for r, _ in step.readers if r not in inside}
    return frozenset(above), frozenset(below)
