"""Hold a network as it is compared: steps that compute, what a user feeds, and what the whole costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from zoodiff.measuring.own import Own
from zoodiff.reducing.draft import Draft, Op

COMMUTATIVE: Final = frozenset({"Add", "Mul", "Sum", "Max", "Min", "Mean", "Concat"})

Port = tuple[int, int]
"""A tensor: the step that makes it (-1, -2, ... for the graph's inputs) and which of its outputs."""


@dataclass(slots=True, eq=False)
class Step:
    """One operator that computes, as it is compared."""

    index: int
    op: str
    kind: str
    name: str
    """first output, in the file, of the operator that it stands for"""
    inputs: tuple[Port, ...]
    attributes: dict[str, Any]
    """what is compared: defaults filled in, padding as it takes effect at this size"""
    stated: dict[str, Any]
    """the same as the file states it, defaults filled in"""
    weights: tuple[tuple[int, ...], ...]
    """shapes of its constant operands"""
    shape_in: tuple[int, ...] | None
    shape_out: tuple[int, ...] | None
    channels_in: int | None
    channels: int | None
    """of its output; None where they are not known"""
    size: tuple[int, ...]
    """the output's other dimensions, batch included"""
    macs: int = 0
    params: int = 0
    scope: str = ""
    readers: list[tuple[int, int]] = field(default_factory=list)
    """steps that read its output, and at which place"""

    @property
    def depthwise(self) -> bool:
        """Whether each channel is convolved on its own."""
        return self.kind == "convolution" and self.attributes.get("group") == "depthwise"

    @property
    def weighted(self) -> bool:
        """Whether it multiplies by a weight."""
        return self.kind in ("convolution", "dense")


class Input(NamedTuple):
    """What a user feeds."""

    name: str
    stated: tuple[int | None, ...]
    """its dimensions in the file's layout"""
    shape: tuple[int | None, ...]
    """the same with an image's channels first"""


@dataclass(slots=True, eq=False)
class Net:
    """A network as it is compared: steps in an order in which they can run."""

    steps: list[Step]
    inputs: list[Input]
    outputs: list[Port]
    unplaced: Own
    """what the file's operators cost that no step stands for"""
    preprocessing: list[Step]
    head: list[Step]
    """what comes before the first and after the last operator that learns: the interface, set apart"""
    unknown: tuple[str, ...]
    """operators that are compared by their name and attributes alone"""
    draft: Draft
    """the normal form"""
    ops: dict[Step, Op]
    """the operator of the normal form that each step is"""

    @property
    def every(self) -> list[Step]:
        """All steps, those of the interface last."""
        return self.steps + self.preprocessing + self.head

    @property
    def macs(self) -> int:
        """What it costs as a whole, in multiply-accumulates."""
        return sum(step.macs for step in self.every) + self.unplaced.macs

    @property
    def params(self) -> int:
        """What it costs as a whole, in parameters."""
        return sum(step.params for step in self.every) + self.unplaced.params


def added_on(net: Net, step: Step) -> bool:
    """Whether all that becomes of a sum is that more is added to it: the order of addition is free."""
    if step.op != "Add" or len(step.readers) != 1 or net.steps[step.readers[0][0]].op != "Add":
        return False
    return all(source != step.index for source, _ in net.outputs)


def channels_first(shape: Sequence[int | None]) -> tuple[int | None, ...]:
    """An image's dimensions with its channels second: an input of 224x224x3 is one of 3x224x224."""
    if len(shape) == 4 and shape[3] in (1, 3, 4) and shape[1] not in (1, 3, 4):
        return (shape[0], shape[3], shape[1], shape[2])
    return tuple(shape)
