"""Find the root causes of what differs between two networks whose steps are paired."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from zoodiff.align import Pairing
from zoodiff.components import Ends, components, ends
from zoodiff.net import Input, Net, Step, added_on, pads_as_on

ARCHITECTURE, INTERFACE, DETAIL = "architecture", "interface", "detail"


@dataclass(slots=True, eq=False)
class Root:
    """A cause in the making."""

    kind: str
    op: str
    what: str
    left: Any = None
    right: Any = None
    mine: list[Step] = field(default_factory=list)
    theirs: list[Step] = field(default_factory=list)
    group: str = ARCHITECTURE
    companions: list[Step] = field(default_factory=list)
    """steps that come or go with it"""
    macs: int = 0
    params: int = 0
    effects: dict[tuple[str, str], list[tuple[Step, int, int]]] = field(default_factory=dict)
    count: int = 1

    def charge(self, what: str, step: Step, macs: int, params: int, *, own: bool) -> None:
        """Give it a share of what a step costs more on the right: as its own, or as a consequence."""
        if own:
            self.macs += macs
            self.params += params
        elif macs or params:
            self.effects.setdefault((step.op, what), []).append((step, macs, params))


def roots(left: Net, right: Net, pairing: Pairing) -> list[Root]:
    """The root causes, without their costs, in the order of the networks."""
    finder = _Finder(left, right, pairing)
    return finder.run()


ATTRIBUTES_OF_SPACE: Final = ("kernel_shape", "strides", "dilations", "pads", "ceil_mode", "auto_pad", "output_padding")
_NAMED: Final = {"activation": "Activation", "normalization": "Normalization"}
"""Kinds whose operators replace each other: a difference is named by the kind."""

_WINDOW: Final = ("kernel_shape", "dilations")


class _Finder:
    def __init__(self, left: Net, right: Net, pairing: Pairing) -> None:
        self.left, self.right = left, right
        self.mate, self.etam = pairing.left, pairing.right
        self.found: list[Root] = []

    def run(self) -> list[Root]:
        self._inputs()
        for a, b in enumerate(self.mate):
            if b >= 0:
                self._changed(self.left.steps[a], self.right.steps[b])
        self._structure()
        self._interface()
        self._rewired()
        self._same_padding()
        return _moved_pools(_moved_strides(self.found, self.left, self.right))

    # ------------------------------------------------------------ inputs and interface

    def _inputs(self) -> None:
        for one, other in zip(self.left.inputs, self.right.inputs, strict=False):
            if one.shape != other.shape:
                self.found.append(input_root(one, other))

    def _interface(self) -> None:
        pairs = (
            (self.left.preprocessing, self.right.preprocessing, "Input", "preprocessing"),
            (self.left.head, self.right.head, "Softmax", "layer"),
        )
        for mine, theirs, op, what in pairs:
            before, after = [step.op for step in mine], [step.op for step in theirs]
            if sorted(before) == sorted(after):
                continue
            kind = "changed" if mine and theirs else "missing" if mine else "added"
            root = Root(kind, op if len(before + after) > 1 else (before + after)[0], what, before, after)
            root.mine, root.theirs, root.group = list(mine), list(theirs), INTERFACE
            self.found.append(root)

    # ------------------------------------------------------------ changed attributes

    def _changed(self, a: Step, b: Step) -> None:
        if a.op != b.op:
            if _whole_map_at_one_size(a, b):
                return
            op = _NAMED.get(a.kind, a.op)
            self._add(op, "op", a.op, b.op, a, b)
            return
        differing = [
            name
            for name in dict.fromkeys((*a.attributes, *b.attributes))
            if a.attributes.get(name) != b.attributes.get(name) and a.stated.get(name, 0) != b.stated.get(name, 0)
        ]
        windows = any(name in differing for name in _WINDOW)
        for name in differing:
            if name == "pads" and (windows or (a.size == b.size and "strides" in differing)):
                continue  # padding that follows the window is its consequence
            if name == "pads" and a.shape_in != b.shape_in and _alike_at_one_size(a, b):
                continue
            op = _NAMED.get(a.kind, a.op)
            group = DETAIL if name == "epsilon" else ARCHITECTURE
            self._add(op, name, _json(a.stated.get(name)), _json(b.stated.get(name)), a, b, group)
        if a.attributes.get("bias") != b.attributes.get("bias"):
            self._add(a.op, "bias", a.attributes.get("bias"), b.attributes.get("bias"), a, b, DETAIL)
        if a.weighted and a.channels != b.channels and _own_width(a, b):
            group = INTERFACE if self._classifier(a, b) else ARCHITECTURE
            self._add(a.op, "out_channels", a.channels, b.channels, a, b, group)

    def _add(self, op: str, what: str, left: Any, right: Any, a: Step, b: Step, group: str = ARCHITECTURE) -> None:
        self.found.append(Root("changed", op, what, left, right, [a], [b], group))

    def _classifier(self, a: Step, b: Step) -> bool:
        """Whether nothing that learns comes after a step: its channels are the classes."""
        return self._last(self.left, a) and self._last(self.right, b)

    @staticmethod
    def _last(net: Net, step: Step) -> bool:
        waiting, seen = [step.index], set[int]()
        while waiting:
            for reader, _ in net.steps[waiting.pop()].readers:
                if net.steps[reader].weighted or len(seen) > 4:
                    return False
                if reader not in seen:
                    seen.add(reader)
                    waiting.append(reader)
        return True

    # ------------------------------------------------------------ what only one has

    def _structure(self) -> None:
        mine = components(self.left, self.mate)
        theirs = components(self.right, self.etam)
        places: dict[Ends, list[list[Step]]] = {}
        for component in theirs:
            places.setdefault(ends(component, range(len(self.etam))), []).append(component)
        for component in mine:
            twins = places.get(ends(component, self.mate), [])
            if twins:
                self._replaced(component, twins.pop(0))
            else:
                self.found += self._only(self.left, component, "missing")
        for left_over in places.values():
            for component in left_over:
                self.found += self._only(self.right, component, "added")

    def _replaced(self, mine: list[Step], theirs: list[Step]) -> None:
        a, b = _main(mine), _main(theirs)
        if self._on_shortcut(self.left, mine) is not None:
            root = Root("changed", "Shortcut", "op", a.op, b.op, [a], [b])
        elif len(mine) == len(theirs) == 1 or (_weighted(mine) <= 1 and _weighted(theirs) <= 1):
            root = Root("changed", a.op, "op", a.op, b.op, [a], [b])
        else:
            root = Root("changed", "Block", "layer", [s.op for s in mine], [s.op for s in theirs], mine, theirs)
        root.companions = [step for step in mine + theirs if step not in root.mine and step not in root.theirs]
        self.found.append(root)

    def _only(self, net: Net, component: list[Step], kind: str) -> list[Root]:
        """The causes behind steps that hang together and that one network has."""
        if not _weighted(component):
            return [_lone(step, kind) for step in component]
        add = self._on_shortcut(net, component)
        if add is not None:
            main, twin = _main(component), (self.mate if kind == "missing" else self.etam)[add.index]
            other = (self.right if kind == "missing" else self.left).steps[twin] if twin >= 0 else None
            return [_sided("changed", "Shortcut", "op", kind, ("Identity", main.op), [main], component, other)]
        cut = _cut(net, component)
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

    def _on_shortcut(self, net: Net, component: list[Step]) -> Step | None:
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

    def _same_padding(self) -> None:
        """Let a Pad that only one has go with the pooling that reads it, where the other's pooling pads so itself.

        Zeros can be padding of an average that counts them, and not of a maximum of what may be negative: if one
        becomes the other, that it pads is no second change.
        """
        changed = {step: root for root in self.found if root.what == "op" for step in root.mine + root.theirs}
        for root in list(self.found):
            steps = root.mine + root.theirs
            if root.what != "layer" or [step.op for step in steps] != ["Pad"] or len(steps[0].readers) != 1:
                continue
            net, other, mate = (self.left, self.right, self.mate) if root.mine else (self.right, self.left, self.etam)
            pool = net.steps[steps[0].readers[0][0]]
            twin = other.steps[mate[pool.index]] if mate[pool.index] >= 0 else None
            if pool in changed and twin is not None and _padded(steps[0], pool) == _counted_zeros(twin):
                changed[pool].companions += steps
                self.found.remove(root)

    # ------------------------------------------------------------ wiring

    def _rewired(self) -> None:
        """Pairs whose inputs are pairs, but not with each other."""
        random, most = Random(0), len(self.right.steps) + len(self.left.inputs) + len(self.right.inputs)
        numbers = [random.getrandbits(64) for _ in range(most)]  # sums of other terms are equal once in 2^64
        ours = _read(self.left, self.mate, lambda at: numbers[self.mate[at] if at >= 0 else at])
        theirs = _read(self.right, self.etam, lambda at: numbers[at])
        for a, b in enumerate(self.mate):
            if b < 0:
                continue
            left, right = self.left.steps[a], self.right.steps[b]
            if added_on(self.left, left) and added_on(self.right, right):
                continue
            if ours[a] != theirs[b] and ours[a] is not None and theirs[b] is not None:
                op = "Shortcut" if left.op == "Add" else left.op
                names = _names(self.left, left), _names(self.right, right)
                self.found.append(Root("rewired", op, "wiring", *names, [left], [right]))


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


def _lone(step: Step, kind: str) -> Root:
    op = _NAMED.get(step.kind, step.op)
    if step.op in ("Add", "Sum") and len(step.inputs) > 1:
        op = "Shortcut"
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
    named = {step.index for step in nodes}
    root.companions = [step for step in component if step.index not in named]
    return root


def _names(net: Net, step: Step) -> list[str]:
    return [net.steps[s].name if s >= 0 else net.inputs[-1 - s].name for s, _ in step.inputs]


def input_root(one: Input, other: Input) -> Root:
    """The cause that inputs differ in."""
    root = Root("input", "Input", "input_shape", list(one.stated), list(other.stated))
    root.mine, root.theirs = [
        [Step(-1, "Input", "Input", name, (), {}, {}, (), None, None, None, None, ())]
        for name in (one.name, other.name)
    ]
    return root


def _whole_map_at_one_size(a: Step, b: Step) -> bool:
    """Whether a window that covers its whole map on one side meets a map of another size on the other."""
    ops = {a.op.removeprefix("Global"), b.op.removeprefix("Global")}
    return a.kind == "pooling" and len(ops) == 1 and (a.shape_in or ())[2:] != (b.shape_in or ())[2:]


def _alike_at_one_size(a: Step, b: Step) -> bool:
    """Whether two steps pad alike where they read the same: on what either of them reads."""
    return bool(pads_as_on(a, b) == b.attributes["pads"] or pads_as_on(b, a) == a.attributes["pads"])


def _padded(pad: Step, pool: Step) -> tuple[int, ...]:
    """The zeros that a pooling reads around its map, with those of the Pad before it; nothing of other padding."""
    if set(pad.attributes) != {"pads"} or pool.kind != "pooling":
        return ()
    around, rank = pad.stated["pads"], len(pad.stated["pads"]) // 2
    spatial = (*around[2:rank], *around[rank + 2 :])
    own = pool.stated.get("pads", ())
    return tuple(a + b for a, b in zip(spatial, own, strict=True)) if len(spatial) == len(own) else ()


def _counted_zeros(pool: Step) -> tuple[int, ...] | None:
    """The padding of an average that counts it as zeros; None of any other step."""
    return tuple(pool.stated["pads"]) if pool.attributes.get("count_include_pad") else None


def _own_width(a: Step, b: Step) -> bool:
    """Whether a changed width is a step's own: a depthwise convolution has the width that it is given."""
    if not (a.depthwise and b.depthwise):
        return True
    return (a.channels or 0) * (b.channels_in or 0) != (b.channels or 0) * (a.channels_in or 0)


def _json(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _weighted(component: Iterable[Step]) -> int:
    return sum(step.weighted or step.kind == "product" for step in component)


def _main(component: Sequence[Step]) -> Step:
    """The step that a few are named by: the first that multiplies, else pools, else the first."""
    named = [step for step in component if step.weighted] or [step for step in component if step.kind == "pooling"]
    return (named or component)[0]


def _cut(net: Net, component: list[Step]) -> Step | None:
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


# ---------------------------------------------------------------- strides that move

NEAR: Final = 12
"""Steps between two layers from one of which a stride moves to the other: within two residual units."""


def _moved_strides(found: list[Root], left: Net, right: Net) -> list[Root]:
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


# ---------------------------------------------------------------- pooling that moves


def _moved_pools(found: list[Root]) -> list[Root]:
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
