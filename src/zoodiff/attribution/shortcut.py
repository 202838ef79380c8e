"""Find the addition at which a shortcut ends, of steps that lie on it or were cut with it."""

from __future__ import annotations

from collections import Counter

from zoodiff.reducing.net import Net, Step


def on_shortcut(net: Net, component: list[Step]) -> Step | None:
    """The addition whose shortcut a component lies on; None where it lies on no shortcut."""
    inside = {step.index for step in component}
    below = {r for step in component for r, _ in step.readers if r not in inside}
    above = {s for step in component for s, _ in step.inputs if s not in inside}
    if len(below) != 1 or len(above) != 1:
        return None
    add = net.steps[next(iter(below))]
    others = [s for s, _ in add.inputs if s not in inside and s >= 0]
    if add.op not in ("Add", "Sum") or len(add.inputs) != 2 or len(others) != 1:
        return None
    return add if _leads(net, next(iter(above)), others[0]) else None


def cut_at(net: Net, component: list[Step]) -> Step | None:
    """The addition at which a shortcut with operators of its own was cut; None where no shortcut was.

    The addition's other operand stays, and is made of what the shortcut starts from; where it is that very tensor, the
    component is a whole block.
    """
    inside = {step.index for step in component}
    outside = [[s for s, _ in step.inputs if s not in inside] for step in component]
    readers = Counter([s for sources in outside for s in set(sources)])
    if len(readers) != 2:
        return None
    for step, sources in zip(component, outside, strict=True):
        if step.op in ("Add", "Sum") and len(step.inputs) == 2 and len(sources) == 1 and readers[sources[0]] == 1:
            [start] = readers.keys() - set(sources)
            if _leads(net, start, sources[0]):
                return step
    return None


def _leads(net: Net, source: int, target: int, most: int = 200) -> bool:
    """Whether a step's output is made of another's (or of an input), looking at the nearest `most` steps above it."""
    waiting, seen = [target], {target}
    while waiting and len(seen) < most:
        at = waiting.pop(0)
        if at == source:
            return True
        for above, _ in net.steps[at].inputs if at >= 0 else ():
            if above not in seen:
                seen.add(above)
                waiting.append(above)
    return source in seen
