"""What a cost is made of, and how a cost function reads the shapes and attributes that it needs."""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import Enum
from functools import cache
from typing import Any, NamedTuple

import msgspec

from zoodiff.record import Graph, Node
from zoodiff.unit import units


class Cost(NamedTuple):
    """What one operator computes, as exact integers."""

    macs: int = 0
    """multiply-accumulates"""
    other: int = 0
    """arithmetic operations beyond 2 per multiply-accumulate"""


class Uncountable(Exception):  # it is no error but a value's absence
    """An operator's cost cannot be known; the message is the reason that a user reads."""


class Role(Enum):
    """What an operator does with one of its inputs, where the element type alone does not tell."""

    SETTING = "setting"
    """configures the operator (a quantisation scale or zero point, the scales of Resize): never a parameter"""
    STATISTIC = "statistic"
    """a running mean or variance: a parameter that training gathers and does not learn"""
    WEIGHT = "weight"
    """a parameter whatever its integer type (the int32 bias of a quantised convolution)"""


CostFunction = Callable[[Node, Graph], Cost]


def dims(graph: Graph, name: str) -> tuple[int, ...]:
    """The dimensions of a tensor; raises Uncountable unless all are known."""
    shape = graph.shape(name)
    if shape is None or None in shape:
        raise Uncountable(f"shape of {name!r} is not known")
    return shape  # type: ignore[return-value]  # no None among them


def size(graph: Graph, name: str) -> int:
    """The number of elements of a tensor; raises Uncountable unless it is known."""
    try:
        return math.prod(graph.shape(name))  # type: ignore[arg-type]  # None, or a None inside, is the TypeError
    except TypeError:
        raise Uncountable(f"shape of {name!r} is not known") from None


def present(names: tuple[str, ...], position: int) -> bool:
    """Whether an optional input or output is there: within the list, and not the empty string."""
    return position < len(names) and names[position] != ""


def enclosed(body: Graph, outer: Graph) -> Graph:
    """A subgraph that also sees the tensors around it."""
    constants, values = outer.constants | body.constants, outer.values | body.values
    return msgspec.structs.replace(body, constants=constants, values=values)


def key(node: Node) -> str:
    """The name under which units list an operator: `Conv`, `com.microsoft::QGemm`."""
    return f"{node.domain}::{node.op}" if node.domain else node.op


def per_element(operations: int) -> CostFunction:
    """The rule `operations` per element of the first output, for operators that work element by element."""

    def rule(node: Node, graph: Graph) -> Cost:
        return Cost(0, operations * size(graph, node.outputs[0]))

    return rule


def free(node: Node, graph: Graph) -> Cost:
    """Nothing: no arithmetic, whatever the shapes."""
    return Cost()


def _gathered(table: str) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for unit, module in units("costs").items():
        for operator, entry in getattr(module, table, {}).items():
            if operator in merged:
                raise ValueError(f"{operator} is in {table} of two units, one of them {unit}")
            merged[operator] = entry
    return merged


@cache
def functions() -> dict[str, CostFunction]:
    """Every operator's cost function, from all units; two for one operator raise ValueError."""
    return _gathered("OPERATORS")


@cache
def roles() -> dict[str, dict[int, Role]]:
    """Every operator's inputs that have a role of their own, by position, from all units."""
    return _gathered("ROLES")


def cost_of(node: Node, graph: Graph) -> Cost:
    """The cost of one operator; raises Uncountable with the reason where it cannot be known."""
    function = functions().get(key(node))
    if function is None:
        raise Uncountable("no cost is defined for this operator")
    try:
        cost = function(node, graph)
        if cost.macs >= 0 <= cost.other:
            return cost
        raise ValueError
    except (IndexError, KeyError, TypeError, ValueError, ZeroDivisionError):
        raise Uncountable("its inputs, attributes or shapes are not what the operator's definition says") from None
