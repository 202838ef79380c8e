"""Hold a root cause in the making: the steps where two networks differ, and its share of what follows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from zoodiff.reducing.net import Input, Step

ARCHITECTURE, INTERFACE, DETAIL = "architecture", "interface", "detail"
_NAMED: Final = {"activation": "Activation", "normalization": "Normalization"}
"""Kinds whose operators replace each other: a difference is named by the kind."""


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


def named(step: Step) -> str:
    """What a difference at a step is named by: its operator, or its kind."""
    return _NAMED.get(step.kind, step.op)


def input_root(one: Input, other: Input) -> Root:
    """The cause that inputs differ in."""
    root = Root("input", "Input", "input_shape", list(one.stated), list(other.stated))
    root.mine, root.theirs = [
        [Step(-1, "Input", "Input", name, (), {}, {}, (), None, None, None, None, ())]
        for name in (one.name, other.name)
    ]
    return root
