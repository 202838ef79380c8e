"""Find the root causes behind steps that only one of two networks has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from zoodiff.alignment.align import Pairing
from zoodiff.alignment.components import Ends, components, ends
from zoodiff.attribution.root import Root, named
from zoodiff.attribution.shortcut import cut_at, on_shortcut
from zoodiff.reducing.net import Net, Step


def unpaired(left: Net, right: Net, pairing: Pairing) -> Iterator[Root]:
    """The root causes that come or go with steps, those of the left network first; two at one place are one change."""
    mate, etam = pairing.left, pairing.right
    mine = components(left, mate)
    theirs = components(right, etam)
    places: dict[Ends, list[list[Step]]] = {}
    for component in theirs:
        places.setdefault(ends(component, range(len(etam))), []).append(component)
    for component in mine:
        twins = places.get(ends(component, mate), [])
        if twins:
            yield _replaced(left, component, twins.pop(0))
        else:
            yield from _only(left, component, "missing", right, mate)
    for left_over in places.values():
        for component in left_over:
            yield from _only(right, component, "added", left, etam)


def _replaced(left: Net, mine: list[Step], theirs: list[Step]) -> Root:
    a, b = _main(mine), _main(theirs)
    if on_shortcut(left, mine) is not None:
        root = Root("changed", "Shortcut", "op", a.op, b.op, [a], [b])
    elif len(mine) == len(theirs) == 1 or (_weighted(mine) <= 1 and _weighted(theirs) <= 1):
        root = Root("changed", a.op, "op", a.op, b.op, [a], [b])
    else:
        root = Root("changed", "Block", "layer", [s.op for s in mine], [s.op for s in theirs], mine, theirs)
    root.companions = [step for step in mine + theirs if step not in root.mine and step not in root.theirs]
    return root


def _only(net: Net, component: list[Step], kind: str, other: Net, mates: list[int]) -> list[Root]:
    """The causes behind steps that hang together and that one network has; `mates` are its steps' partners."""
    if not _weighted(component):
        return [_lone(step, kind) for step in component]
    add = on_shortcut(net, component)
    if add is not None:
        main, mate = _main(component), mates[add.index]
        twin = other.steps[mate] if mate >= 0 else None
        return [_sided("changed", "Shortcut", "op", kind, ("Identity", main.op), [main], component, twin)]
    cut = cut_at(net, component)
    if cut is not None:
        return [_sided(kind, "Shortcut", "layer", kind, (None, "Add"), [cut], component)]
    if _weighted(component) == 1:
        main = _main(component)
        return [_sided(kind, main.op, "layer", kind, (None, main.op), [main], component)]
    sums = sum(step.op == "Add" and len(step.inputs) > 1 for step in component)
    value = [step.op for step in component]
    root = _sided(kind, "Block", "layer", kind, (None, value), component, component)
    root.count = max(1, sums)
    return [root]


def _lone(step: Step, kind: str) -> Root:
    op = "Shortcut" if step.op in ("Add", "Sum") and len(step.inputs) > 1 else named(step)
    return _sided(kind, op, "layer", kind, (None, step.op), [step], [step])


def _sided(
    kind: str,
    op: str,
    what: str,
    side: str,
    values: tuple[Any, Any],
    nodes: list[Step],
    component: list[Step],
    twin: Step | None = None,
) -> Root:
    """A root whose steps are on one side: `values` are the other side's and this side's."""
    other = [twin] if twin is not None else []
    if side == "missing":
        root = Root(kind, op, what, values[1], values[0], list(nodes), other)
    else:
        root = Root(kind, op, what, values[0], values[1], other, list(nodes))
    told = {step.index for step in nodes}
    root.companions = [step for step in component if step.index not in told]
    return root


def _weighted(component: Iterable[Step]) -> int:
    return sum(step.weighted or step.kind == "product" for step in component)


def _main(component: Sequence[Step]) -> Step:
    """The step that a few are named by: the first that multiplies, else pools, else the first."""
    grave = [step for step in component if step.weighted] or [step for step in component if step.kind == "pooling"]
    return (grave or component)[0]
