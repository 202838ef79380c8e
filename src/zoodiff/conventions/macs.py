"""Multiply-accumulates, by the rules of this tool: the convention in which networks are compared.

One for each multiplication inside convolutions, matrix products, attention and recurrent operators, positions in the
padding too. Left out: biases, normalization, pooling, elementwise operators. Where `complete` is false it is a lower
bound. Each operator's rule: zoodiff list costs. In full: docs/conventions.md.
"""

from __future__ import annotations

from zoodiff.measuring.count import Counts
from zoodiff.record import Graph


def count(graph: Graph, counts: Counts) -> int:
    """`macs` of the measurement itself."""
    return counts.macs.value
