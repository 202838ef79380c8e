"""What the counters say themselves (tests/conventions/tools.json, made by bench/counters.py), and what ours say."""

from __future__ import annotations

import json

from madeup import ROOT
from networks import network
from zoodiff import unit
from zoodiff.measuring.count import count
from zoodiff.readers import onnx as reader
from zoodiff.reading.reference import find
from zoodiff.record import Graph, Unmeasured

TOOLS = json.loads((ROOT / "tests" / "conventions" / "tools.json").read_text())


def said(tool: str, package: str = "") -> list[tuple[str, int]]:
    """Networks and the tool's totals; only those that this package built."""
    return [(ref, sum(counts.values())) for ref, counts in TOOLS[tool]["counts"].items() if ref.startswith(package)]


def by_graph(convention: str, graph: Graph) -> int | Unmeasured:
    """What the convention counts of a graph."""
    found: int | Unmeasured = unit.find("conventions", convention).count(graph, count(graph))
    return found


def by_text(convention: str, text: str, **weights: tuple[int, ...]) -> int | Unmeasured:
    """What the convention counts of a network in onnx's own notation."""
    return by_graph(convention, reader.from_proto(network(text, **weights), "model"))


def by_ref(convention: str, ref: str) -> int | Unmeasured:
    """What the convention counts of a published network."""
    return by_graph(convention, find(ref).graph())
