"""Functions that an ONNX file defines: put where they are called, if they do not make too many operators."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter

from zoodiff.fault import Refusal
from zoodiff.reading.allowance import MOST_OPERATORS
from zoodiff.reading.native import Inference, InferenceError
from zoodiff.reading.schema import messages


def inlined(model: messages.ModelProto, name: str, asking: Inference) -> bytes:
    """The model, serialised, with its functions put where they are called; `name` is how errors call it.

    Raises Refusal where functions call each other in a circle, or there would be more operators than `MOST_OPERATORS`.
    """
    calls = {("", ""): Counter(_calls(model.graph.node))}  # of the main graph, which is called by nobody
    for function in model.functions:
        calls.setdefault((function.domain, function.name), Counter()).update(_calls(function.node))
    sizes: dict[tuple[str, str], int] = {}
    try:
        for called in TopologicalSorter(calls).static_order():
            body = calls.get(called)
            sizes[called] = 1 if body is None else sum([times * sizes[one] for one, times in body.items()])
    except CycleError as error:  # some versions of onnx end the process on these
        circle = " calls ".join(called for _, called in error.args[1])
        raise Refusal(f"{name!r}: its functions cannot be inlined: {circle}", "The file is damaged.") from None
    if sizes["", ""] > MOST_OPERATORS:
        raise Refusal(
            f"{name!r} has {sizes['', '']:,} operators with its functions' own; at most {MOST_OPERATORS:,} are read"
        )
    try:
        return asking.inlined(model.SerializeToString())
    except InferenceError as error:
        raise Refusal(f"{name!r}: its functions cannot be inlined: {error}", "The file is damaged.") from None


def _calls(nodes: Iterable[messages.NodeProto]) -> Iterator[tuple[str, str]]:
    """Domain and name of all that operators call, in their subgraphs too."""
    for node in nodes:
        yield node.domain, node.op_type
        for attribute in node.attribute:
            for body in (attribute.g, *attribute.graphs):
                yield from _calls(body.node)
