"""Refuse what onnx's inference lets pass: windows larger than their maps, wrong channels, elements that are lost."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

from zoodiff.fault import Refusal
from zoodiff.kind import Memo
from zoodiff.reading.values import NOTHING, Dims, Found, distinct, whole
from zoodiff.record import Graph, Node


def check_windows(nodes: Iterable[Node], found: Found) -> None:
    """Refuse windows larger than the map that they slide over: onnx's inference makes a size below 1 of them."""
    if all(_possible(known.dims or ()) for known in distinct(found)):
        return
    for node in nodes:
        if node.op in _WINDOWS and not node.domain and node.inputs and node.outputs:
            after = found.get(node.outputs[0], NOTHING).dims or ()
            if not _possible(after[2:]):
                before = found.get(node.inputs[0], NOTHING).dims
                raise _unfit(f"{node.op} {node.outputs[0]!r} has a window larger than its input of {_text(before)}")


_WINDOWS: Final = frozenset(("Conv", "MaxPool", "AveragePool", "LpPool"))


def _possible(sizes: Dims) -> bool:
    """Whether all sizes that are known are positive."""
    return all(size is None or size > 0 for size in sizes)


def check(graph: Graph) -> None:
    """Refuse what onnx's inference lets pass: elements lost in a Reshape, wrong channels."""
    known = _FITTING.opened()
    for kind, node, _ in graph.alike:
        if node.op in _FITS and not node.domain and kind not in known:
            if node.inputs and node.outputs:
                _FITS[node.op](node, graph)
            known[kind] = None


def _fits_channels(node: Node, graph: Graph) -> None:
    before, weight = graph.shape(node.inputs[0]), graph.shape(node.inputs[1]) if len(node.inputs) > 1 else None
    if before and weight and len(weight) > 1:
        channels = (weight[1] or 0) * node.attributes.get("group", 1)
        if before[1:2] not in ((channels,), (None,)):
            raise _unfit(f"Conv {node.outputs[0]!r} takes {channels} channels and gets {_text(before)}")


def _fits_elements(node: Node, graph: Graph) -> None:
    before, after = graph.shape(node.inputs[0]), graph.shape(node.outputs[0])
    if whole(before) and whole(after) and _product(before) != _product(after):
        raise _unfit(f"Reshape {node.outputs[0]!r} would turn {_text(before)} into {_text(after)}")


_FITS: Final = {"Conv": _fits_channels, "Reshape": _fits_elements}
_FITTING: Final[Memo[int, None]] = Memo()
"""The kinds of operators that have been checked, and fit."""


def _unfit(what: str) -> Refusal:
    return Refusal(what, "The network was made for another input size; this one it cannot take.")


def _product(dims: Dims | None) -> int:
    return math.prod(d or 0 for d in dims or ())


def _text(dims: Dims | None) -> str:
    if dims is None:
        return "an unknown size"
    return "x".join("?" if d is None else str(d) for d in dims) or "a scalar"
