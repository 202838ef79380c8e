"""Compare two networks by structure: what differs, why, and how much of the gap in cost each cause accounts for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from zoodiff.align import align
from zoodiff.attribute import attribute
from zoodiff.causes import ARCHITECTURE, Root, roots
from zoodiff.fault import Refusal
from zoodiff.net import Net, Step, build
from zoodiff.reference import Inputs, Network, find

if TYPE_CHECKING:
    import onnx

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
    left: str | Path | Network | onnx.ModelProto, right: str | Path | Network | onnx.ModelProto, inputs: Inputs | None = None
) -> Difference:
    """Compare two networks by structure alone: names, order, layout and weights do not count.

    With `inputs` both are compared at that size. Where their own input sizes differ, the left network is rebuilt at
    the right one's: what that alone changes is the share of the input, and all else is compared at one size. Raises
    Refusal where one of them has no graph.
    """
    first, second = find(left), find(right)
    one, two = first.graph(inputs), second.graph(inputs)
    before, after = build(one), build(two)
    asked = _same_input(before, after, one)
    moved = None
    if asked is not None:
        try:
            moved = build(first.graph(asked))
        except Refusal:
            moved = None  # it cannot take that input: then sizes are followed through the network
    base = moved or before
    pairing = align(base, after)
    found = roots(base, after, pairing)
    if moved is not None:
        found.insert(0, _input_root(before, moved, after))
    rest = attribute(base, after, pairing, found)
    causes = [_cause(group) for group in _grouped(found)]
    macs = [sum(step.macs for step in _all(net)) + net.unplaced.macs for net in (before, after)]
    params = [sum(step.params for step in _all(net)) + net.unplaced.params for net in (before, after)]
    return Difference(
        left=_model(first),
        right=_model(second),
        macs=Gap(macs[0], macs[1], macs[1] - macs[0]),
        params=Gap(params[0], params[1], params[1] - params[0]),
        differences=tuple(sorted(causes, key=_weight)),
        remainder={"macs": rest[0], "params": rest[1]},
        not_compared=tuple(dict.fromkeys((*before.unknown, *after.unknown))),
    )


def _all(net: Net) -> list[Step]:
    return net.steps + net.preprocessing + net.head


def _same_input(left: Net, right: Net, graph: Any) -> dict[str, tuple[int | None, ...]] | None:
    """The right network's input sizes under the left one's names and in its layout; None where they are the same."""
    asked = {}
    for value, (_, before), (_, after) in zip(graph.inputs, left.inputs, right.inputs, strict=False):
        if before != after and len(before) == len(after) == 4 and before[1] == after[1]:
            last = tuple(value.shape or ()) != before
            asked[value.name] = (after[0], after[2], after[3], after[1]) if last else after
    return asked or None


def _input_root(before: Net, moved: Net, after: Net) -> Root:
    """The input's share: what the left network costs more at the right one's input, step by step."""
    from zoodiff.causes import _input_step

    at = next(i for i, (a, b) in enumerate(zip(before.inputs, after.inputs, strict=False)) if a[1] != b[1])
    root = Root("input", "Input", "input_shape", list(before.inputs[at][1]), list(after.inputs[at][1]))
    root.mine, root.theirs = [_input_step(before.inputs[at][0])], [_input_step(after.inputs[at][0])]
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
    count = sum(root.count for root in group)
    return Cause(
        kind=first.kind,
        op=first.op,
        what=first.what,
        words=_words(first, group, count),
        left=_side([root.left for root in group], [step for root in group for step in root.mine]),
        right=_side([root.right for root in group], [step for root in group for step in root.theirs]),
        count=count,
        macs_delta=sum(root.macs for root in group),
        params_delta=sum(root.params for root in group),
        consequences=tuple(
            Consequence(op, what, tuple(name for name, _, _ in rows), sum(m for _, m, _ in rows), sum(p for *_, p in rows))
            for (op, what), rows in effects.items()
        ),
        group=first.group,
    )


def _side(values: list[Any], steps: list[Step]) -> Side | None:
    if not steps and all(value is None for value in values):
        return None
    same = all(value == values[0] for value in values)
    return Side(values[0] if same else values, tuple(step.name for step in steps))


def _words(root: Root, group: list[Root], count: int) -> str:
    """One sentence that a person reads."""
    places = f" at {count} places" if count > 1 else ""
    name = (root.mine or root.theirs)[0].name if (root.mine or root.theirs) else ""
    where = f" ({name}{', ...' if len(group) > 1 else ''})" if name and root.op != "Input" else ""
    if root.kind == "input":
        return f"input {_text(root.left)} against {_text(root.right)}"
    if root.kind in ("missing", "added"):
        side = "left" if root.kind == "missing" else "right"
        what = f"{count} residual units" if root.op == "Block" and count > 1 else _thing(root)
        return f"only on the {side}: {what}{places if root.op != 'Block' else ''}{where}"
    if root.kind == "rewired":
        return f"{root.op} reads other tensors: {_text(root.left)} against {_text(root.right)}{where}"
    if root.what == "strides" and len(root.mine) > 1:
        return f"stride moved between layers{places}{where}: {_text(root.left)} against {_text(root.right)} at the first"
    label = {"op": root.op, "out_channels": "width", "layer": root.op}.get(root.what, f"{root.op} {root.what}")
    return f"{label}: {_text(root.left)} against {_text(root.right)}{places}{where}"


def _thing(root: Root) -> str:
    return {"Activation": "an activation", "Normalization": "a normalization", "Shortcut": "a shortcut"}.get(
        root.op, "a block" if root.op == "Block" else f"a {root.op}"
    )


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
