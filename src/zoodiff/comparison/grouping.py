"""Tell root causes that are one change at several places as one cause of the document."""

from __future__ import annotations

from typing import Any

from zoodiff.attribution.root import Root
from zoodiff.comparison.difference import Cause, Consequence
from zoodiff.comparison.words import Layer, Side
from zoodiff.reducing.net import Step


def grouped(found: list[Root]) -> list[list[Root]]:
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


def ranked(found: list[Root]) -> list[tuple[Cause, list[Root]]]:
    """The causes that roots make, the gravest first, each with its roots."""
    return sorted(((_cause(group), group) for group in grouped(found)), key=lambda pair: _weight(pair[0]))


def _cause(group: list[Root]) -> Cause:
    effects: dict[tuple[str, str], list[tuple[Step, int, int]]] = {}
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
                op, what, tuple(step.name for step, _, _ in rows), sum(m for _, m, _ in rows), sum(p for *_, p in rows)
            )
            for (op, what), rows in effects.items()
        ),
        group=first.group,
    )
    return cause.worded()


def _side(values: list[Any], steps: list[Step]) -> Side | None:
    if not steps and all(value is None for value in values):
        return None
    same = all(value == values[0] for value in values)
    return Side(values[0] if same else values, tuple(step.name for step in steps), tuple(map(_layer, steps)))


def _layer(step: Step) -> Layer:
    kernel, strides = (tuple(step.stated.get(name) or ()) for name in ("kernel_shape", "strides"))
    shape = tuple(step.shape_out or ())
    return Layer(step.op, kernel, strides, step.channels, shape[2:] if len(shape) == 4 else ())


def _weight(cause: Cause) -> tuple[int, int, int]:
    group = ("architecture", "interface", "detail").index(cause.group)
    return (group, 0 if cause.kind == "input" else 1, -abs(cause.macs) - abs(cause.params))
