"""Operations, by the rules of this tool: 2 per multiply-accumulate and every other arithmetic operation.

Left out: data movement. Where `complete` is false it is a lower bound. Each operator's rule: zoodiff list costs.
It is more than twice `macs` by what biases, normalization, activations and pooling compute.
"""

from __future__ import annotations

from zoodiff.measuring.count import Counts
from zoodiff.record import Graph


def count(graph: Graph, counts: Counts) -> int:
    """`flops` of the measurement itself."""
    return counts.flops.value
