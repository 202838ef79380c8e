"""Compare two networks by structure: what differs, why, and how much of the gap in cost each cause accounts for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from zoodiff.align import align
from zoodiff.attribute import attribute
from zoodiff.causes import ARCHITECTURE, Root, input_root, roots
from zoodiff.fault import Refusal
from zoodiff.net import Net, Step, build
from zoodiff.reference import Inputs, Network, find

if TYPE_CHECKING:
    import onnx

    from zoodiff.record import Graph

FORMAT = 1


class Side(msgspec.Struct, frozen=True):
    """What one of the two networks has at the place of a difference."""

    value: Any
    nodes: tuple[str, ...]
    """named by their first output in the file"""


class Consequence(msgspec.Struct, frozen=True):
    """What a root cause brings with it elsewhere, operators of one type together."""

    op: str
    what: str
    nodes: tuple[str, ...]
    macs_delta: int
    params_delta: int


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """One root cause; deltas are right minus left and leave its consequences out."""

    kind: str
    """`changed`, `missing` (on the right), `added`, `rewired` or `input`"""
    op: str
    what: str
    words: str
    left: Side | None
    right: Side | None
    count: int = 1
    """at how many places"""
    macs_delta: int = 0
    params_delta: int = 0
    consequences: tuple[Consequence, ...] = ()
    group: str = ARCHITECTURE
    """`architecture`, `interface` (classes, the last Softmax, preprocessing) or `detail` (a bias, an epsilon)"""

    @property
    def macs(self) -> int:
        """Its whole share of the gap in multiply-accumulates."""
        return self.macs_delta + sum(c.macs_delta for c in self.consequences)

    @property
    def params(self) -> int:
        """Its whole share of the gap in parameters."""
        return self.params_delta + sum(c.params_delta for c in self.consequences)


class Gap(msgspec.Struct, frozen=True):
    """One cost of both networks, and right minus left."""

    left: int
    right: int
    delta: int


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """What differs between two networks, root causes first; the causes' shares and the remainder add up to the gaps."""

    left: dict[str, Any]
    right: dict[str, Any]
    macs: Gap
    params: Gap
    differences: tuple[Cause, ...]
    remainder: dict[str, int]
    """the part of the gaps that no cause explains"""
    folded: tuple[str, ...] = ()
    not_compared: tuple[str, ...] = ()

    @property
    def identical(self) -> bool:
        """Whether nothing at all differs."""
        return not self.differences and not self.not_compared and not any(self.remainder.values())


def diff(
    left: str | Path | Network | onnx.ModelProto,
    right: str | Path | Network | onnx.ModelProto,
    inputs: Inputs | None = None,
) -> Difference:
    """Compare two networks by structure alone: names, order, layout and weights do not count.

    With `inputs` both are compared at that size. Where their own input sizes differ, one network is rebuilt at the
    other's: what that alone changes is the share of the input, and all else is compared at one size. `diff(b, a)` is
    `reverse(diff(a, b))`. Raises Refusal where one of them has no graph.
    """
    first, second = (_Part(network, network.graph(inputs)) for network in (find(left), find(right)))
    return reverse(_diff(second, first)) if second.key < first.key else _diff(first, second)


class _Part:
    """One of the two networks: what a reference names, its graph and its steps."""

    def __init__(self, network: Network, graph: Graph) -> None:
        self.network, self.graph, self.net = network, graph, build(graph)
        self.key = (self.macs, self.params, [(step.op, step.size) for step in self.net.steps])
        """for an order of the two that does not depend on which is left"""

    @property
    def macs(self) -> int:
        return sum(step.macs for step in _all(self.net)) + self.net.unplaced.macs

    @property
    def params(self) -> int:
        return sum(step.params for step in _all(self.net)) + self.net.unplaced.params


def _diff(left: _Part, right: _Part) -> Difference:
    moved = _at_input_of(left, right)
    base, after = moved or left.net, right.net
    pairing = align(base, after)
    found = roots(base, after, pairing)
    if moved is not None:
        found.insert(0, _input_root(left.net, moved, after))
    rest = attribute(base, after, pairing, found)
    causes = [_cause(group) for group in _grouped(found)]
    return Difference(
        left=_model(left.network),
        right=_model(right.network),
        macs=Gap(left.macs, right.macs, right.macs - left.macs),
        params=Gap(left.params, right.params, right.params - left.params),
        differences=tuple(sorted(causes, key=_weight)),
        remainder={"macs": rest[0], "params": rest[1]},
        not_compared=tuple(sorted({*left.net.unknown, *after.unknown})),
    )


def _at_input_of(left: _Part, right: _Part) -> Net | None:
    """The left network at the right one's input; None where the sizes are equal, or where it is not made for them.

    A window that is its whole map at one size alone becomes another operator then: sizes are followed instead.
    """
    asked = _same_input(left.net, right.net)
    if asked is None:
        return None
    try:
        moved = build(left.network.graph(asked))
    except Refusal:
        return None
    return moved if [step.op for step in moved.steps] == [step.op for step in left.net.steps] else None


_REVERSED = {"missing": "added", "added": "missing"}


def reverse(difference: Difference) -> Difference:
    """The same difference seen from the other side."""

    def turned(cause: Cause) -> Cause:
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
        return msgspec.structs.replace(back, words=_words(back))

    return msgspec.structs.replace(
        difference,
        left=difference.right,
        right=difference.left,
        macs=Gap(difference.macs.right, difference.macs.left, -difference.macs.delta),
        params=Gap(difference.params.right, difference.params.left, -difference.params.delta),
        differences=tuple(turned(cause) for cause in difference.differences),
        remainder={name: -value for name, value in difference.remainder.items()},
    )


def _all(net: Net) -> list[Step]:
    return net.steps + net.preprocessing + net.head


def _same_input(left: Net, right: Net) -> dict[str, tuple[int | None, ...]] | None:
    """The right network's input sizes under the left one's names and in its layout; None where they are the same."""
    asked: dict[str, tuple[int | None, ...]] = {}
    for one, other in zip(left.inputs, right.inputs, strict=False):
        after = other.shape
        if one.shape != after and len(one.shape) == len(after) == 4 and one.shape[1] == after[1]:
            asked[one.name] = (after[0], after[2], after[3], after[1]) if one.stated != one.shape else after
    return asked or None


def _input_root(before: Net, moved: Net, after: Net) -> Root:
    """The input's share: what the left network costs more at the right one's input, step by step."""
    sizes = zip(before.inputs, after.inputs, strict=False)
    root = next(input_root(one, other) for one, other in sizes if one.shape != other.shape)
    if len(before.steps) == len(moved.steps):
        for one, two in zip(_all(before), _all(moved), strict=True):
            root.charge("input_size", two, two.macs - one.macs, two.params - one.params, own=False)
    else:
        macs = [sum(step.macs for step in _all(net)) + net.unplaced.macs for net in (before, moved)]
        root.macs = macs[1] - macs[0]
    return root


def _model(network: Network) -> dict[str, Any]:
    return {
        "ref": network.ref,
        "zoo": network.zoo,
        "version": network.version,
        "name": network.name,
        "architecture": network.architecture,
        "weights": network.weights.id if network.weights else None,
        "sha256": network.sha256,
        "stand_in": network.stand_in,
    }


def _weight(cause: Cause) -> tuple[int, int, int]:
    group = ("architecture", "interface", "detail").index(cause.group)
    return (group, 0 if cause.kind == "input" else 1, -abs(cause.macs) - abs(cause.params))


# ---------------------------------------------------------------- the same change at several places


def _grouped(found: list[Root]) -> list[list[Root]]:
    """Roots that are one change at several places, together."""
    groups: dict[Any, list[Root]] = {}
    for root in found:
        groups.setdefault(_key(root), []).append(root)
    return list(groups.values())


def _key(root: Root) -> Any:
    sides = (str(root.left), str(root.right))
    if root.what == "out_channels" and root.left and root.right:
        sides = (str(round(root.right / root.left, 3)), "width")
    if root.what == "layer" and root.op == "Block":
        sides = (str(id(root)), "")
    return (root.kind, root.op, root.what, root.group, len(root.mine), len(root.theirs), *sides)


def _cause(group: list[Root]) -> Cause:
    effects: dict[tuple[str, str], list[tuple[str, int, int]]] = {}
    for root in group:
        for key, rows in root.effects.items():
            effects.setdefault(key, []).extend(rows)
    first = group[0]
    cause = Cause(
        kind=first.kind,
        op=first.op,
        what=first.what,
        words="",
        left=_side([root.left for root in group], [step for root in group for step in root.mine]),
        right=_side([root.right for root in group], [step for root in group for step in root.theirs]),
        count=sum(root.count for root in group),
        macs_delta=sum(root.macs for root in group),
        params_delta=sum(root.params for root in group),
        consequences=tuple(
            Consequence(
                op, what, tuple(name for name, _, _ in rows), sum(m for _, m, _ in rows), sum(p for *_, p in rows)
            )
            for (op, what), rows in effects.items()
        ),
        group=first.group,
    )
    return msgspec.structs.replace(cause, words=_words(cause))


def _side(values: list[Any], steps: list[Step]) -> Side | None:
    if not steps and all(value is None for value in values):
        return None
    same = all(value == values[0] for value in values)
    return Side(values[0] if same else values, tuple(step.name for step in steps))


def _words(cause: Cause) -> str:
    """One sentence that a person reads."""
    before: Any = cause.left.value if cause.left else None
    after: Any = cause.right.value if cause.right else None
    places = f" at {cause.count} places" if cause.count > 1 else ""
    against = f"{_text(before)} against {_text(after)}"
    if cause.kind == "input":
        return f"the input is {against}"
    if cause.kind in _REVERSED:
        side = "left" if cause.kind == "missing" else "right"
        return f"{_thing(cause, after if before is None else before)} only on the {side}{places}"
    if cause.op == "Shortcut" and cause.kind == "changed":
        return f"the shortcut is {_SHORTCUTS.get(before, before)} against {_SHORTCUTS.get(after, after)}{places}"
    if cause.what == "strides" and len(cause.left.nodes if cause.left else ()) > cause.count:
        return f"a stride sits at another layer{places}: {against} at the first"
    if cause.what == "constants":
        return f"{cause.op} with constants that only one side holds as tensors{places}"
    if cause.kind == "rewired":
        return f"{cause.op} is at another place{places}" if before == after else f"{cause.op} reads {against}{places}"
    name = {"op": "", "out_channels": " width", "layer": ""}.get(cause.what, f" {cause.what}")
    return f"{cause.op}{name} {against}{places}"


_SHORTCUTS = {"Identity": "the identity", "Conv": "a convolution", "MaxPool": "max-pooling", "Pad": "zero-padding"}
_THINGS = {"Activation": "an activation", "Normalization": "a normalization", "Shortcut": "a shortcut"}


def _thing(cause: Cause, value: Any) -> str:
    if cause.op == "Block":
        return f"{'blocks' if cause.count > 1 else 'a block'} of {len(value)} operators"
    if cause.op in _THINGS:
        return f"{_THINGS[cause.op]} ({_text(value)})"
    return f"{cause.op}"


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "x".join(str(part) for part in value)
    return str(value)


def document(difference: Difference) -> dict[str, Any]:
    """The difference as the JSON document that `diff --json` prints."""
    built: dict[str, Any] = msgspec.to_builtins(
        {
            "format": FORMAT,
            "kind": "difference",
            "left": difference.left,
            "right": difference.right,
            "identical": difference.identical,
            "equivalent": None,
            "macs": difference.macs,
            "params": difference.params,
            "differences": difference.differences,
            "remainder": difference.remainder,
            "folded": difference.folded,
            "not_compared": difference.not_compared,
        },
        str_keys=True,
    )
    return built
