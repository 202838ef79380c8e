"""How far a gather is, and how that is told to a person."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import NamedTuple

from zoodiff.fault import plain


class Step(NamedTuple):
    """How far a gather is; `words` says it for a person."""

    words: str
    done: int = 0
    total: int = 0
    current: tuple[str, ...] = ()
    """the models in work"""
    failed: int = 0
    seconds_left: float | None = None
    """estimated from the models done in this run; None where there are none yet"""


Progress = Callable[[Step], None]


def lines(step: Step) -> None:
    """Say a step on standard error, in one plain line."""
    print(plain(told(step)), file=sys.stderr, flush=True)


def told(step: Step) -> str:
    """A step in one line: how many are done, what is in work, what failed, and the time left."""
    count = f"{step.done}/{step.total} " if step.total else ""
    left = f", {span(step.seconds_left)} left" if step.seconds_left is not None else ""
    failed = f", {step.failed} failed" if step.failed else ""
    return f"{count}{step.words}{failed}{left}"


def span(seconds: float) -> str:
    """A length of time as a person says it."""
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
