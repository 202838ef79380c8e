"""Bring a graph into the form in which networks are compared: run the passes until none of them finds anything."""

from __future__ import annotations

from functools import cache
from graphlib import CycleError, TopologicalSorter
from types import ModuleType

from zoodiff.record import Graph
from zoodiff.reducing.draft import Draft
from zoodiff.unit import units

ROUNDS = 8
"""Passes open ways for each other; five rounds were enough on all graphs seen."""


def normalise(graph: Graph) -> Draft:
    """A draft of the graph with exporters' accidents taken out; what it computes is the same."""
    draft = Draft(graph)
    after, idle = state(draft), dict[str, int]()
    for _ in range(ROUNDS):
        before = after
        for name, module in passes().items():
            if idle.get(name) != draft.changes:  # else it found nothing in the draft as it is now
                began = draft.changes
                module.run(draft)
                idle[name] = began
        if (after := state(draft)) == before:
            break
    draft.sweep()
    return draft


def state(draft: Draft) -> list[tuple[str, tuple[str, ...], tuple[str, ...], str]]:
    """What a draft is at this moment, to be compared."""
    return [(op.op, tuple(op.inputs), tuple(op.outputs), str(op.attributes)) for op in draft.ops]


@cache
def passes() -> dict[str, ModuleType]:
    """The passes in the order in which they run: each after those that it names, else by id."""
    known = units("passes")
    order = TopologicalSorter({name: sorted(module.AFTER) for name, module in known.items()})
    try:
        names = list(order.static_order())
    except CycleError as error:
        raise ValueError(f"passes wait for each other: {error.args[1]}") from None
    return {name: known[name] for name in names if name in known}
