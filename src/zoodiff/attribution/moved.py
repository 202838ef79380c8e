"""Make one root cause of what goes at one place and comes at another: strides and pooling that move."""

from __future__ import annotations

from typing import Any, Final

from zoodiff.attribution.root import Root
from zoodiff.reducing.net import Net, Step

NEAR: Final = 12
"""Steps between two layers from one of which a stride moves to the other: within two residual units."""


def moved_strides(found: list[Root], left: Net, right: Net) -> list[Root]:
    """Make one root of strides that go at one step and come at a near one, with pooling that came for their sake."""
    strided = [root for root in found if root.what == "strides" and len(root.mine) == 1]
    parent = {id(root): root for root in strided}

    def top(root: Root) -> Root:
        while parent[id(root)] is not root:
            root = parent[id(root)]
        return root

    for root in strided:
        opposite = [o for o in strided if (o.left, o.right) == (root.right, root.left)]
        far = [(_distance(left, root.mine[0].index, other.mine[0].index), other) for other in opposite]
        nearest = min([d for d, _ in far if d is not None], default=None)
        for distance, other in far:
            if distance is not None and nearest is not None and distance <= nearest + 1:
                parent[id(top(other))] = top(root)
    groups: dict[int, list[Root]] = {}
    for root in strided:
        groups.setdefault(id(top(root)), []).append(root)
    gone: set[int] = set()
    for group in groups.values():
        if len(group) > 1:
            keeper = group[0]
            for other in group[1:]:
                keeper.mine += other.mine
                keeper.theirs += other.theirs
                gone.add(id(other))
            gone |= _pools_for(keeper, found, left, right)
    return [root for root in found if id(root) not in gone]


def _distance(net: Net, start: int, target: int) -> int | None:
    """How many steps one step is below or above another; None where it is further than NEAR."""
    down, up = _descent(net, start, target), _descent(net, target, start)
    return min([d for d in (down, up) if d is not None], default=None)


def _descent(net: Net, start: int, target: int) -> int | None:
    level, seen = {start}, {start}
    for distance in range(1, NEAR + 1):
        level = {reader for at in level for reader, _ in net.steps[at].readers} - seen
        seen |= level
        if target in level:
            return distance
    return None


def _pools_for(keeper: Root, found: list[Root], left: Net, right: Net) -> set[int]:
    """The roots of 1x1 pooling that only subsamples a shortcut beside a moved stride: part of the move."""
    gone = set()
    for root in found:
        steps = root.mine + root.theirs
        if root.what != "layer" or len(steps) != 1 or steps[0].kind != "pooling" or root is keeper:
            continue
        net = left if root.mine else right
        beside = keeper.mine if root.mine else keeper.theirs
        one = all(k == 1 for k in steps[0].stated.get("kernel_shape", (2,)))
        sums = [r for r, _ in steps[0].readers]
        if one and any(_descent(net, step.index, total) is not None for step in beside for total in sums):
            keeper.companions += steps
            gone.add(id(root))
    return gone


def moved_pools(found: list[Root]) -> list[Root]:
    """Make one root of a pooling that goes at one place and comes, with the same attributes, at another."""
    gone: set[int] = set()
    coming = [root for root in found if root.kind == "added" and _lone_pool(root.theirs)]
    for root in found:
        if root.kind != "missing" or not _lone_pool(root.mine):
            continue
        same = (r for r in coming if id(r) not in gone and _pool(r.theirs[0]) == _pool(root.mine[0]))
        twin = next(same, None)
        if twin is not None:
            gone.add(id(twin))
            root.kind, root.what = "rewired", "wiring"
            root.theirs, root.right = twin.theirs, twin.right
    return [root for root in found if id(root) not in gone]


def _lone_pool(steps: list[Step]) -> bool:
    return len(steps) == 1 and steps[0].kind == "pooling"


def _pool(step: Step) -> tuple[Any, ...]:
    return step.op, step.stated.get("kernel_shape"), step.stated.get("strides")
