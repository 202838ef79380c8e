"""Torchvision's own column `GFLOPS` (`_ops` of its weights): multiply-accumulates, to the nearest million.

One per multiplication of convolutions and matrix products, attention and quantised convolutions included. Biases,
normalization, pooling, elementwise operators, deformable convolutions, recurrent operators and quantised linear layers
are not among its rules. The column prints billions with three decimals, hence the rounding, by which alone it differs
from `macs` for torchvision's classifiers, in spite of its heading (https://github.com/pytorch/vision/issues/5982).

Source: https://github.com/pytorch/vision/blob/3bc462f94a9c/test/common_extended_utils.py (flop_mapping; get_ops rounds
to three decimals of 1e9).
"""

from __future__ import annotations

from zoodiff.measuring.count import Counts
from zoodiff.record import Graph, Unmeasured

COUNTED = frozenset(("Conv", "ConvTranspose", "Gemm", "MatMul", "Einsum", "Attention", "QLinearConv"))
"""what the column's rules for torch's operators count, by ONNX's names"""

MILLION = 10**6


def count(graph: Graph, counts: Counts) -> int | Unmeasured:
    """Multiply-accumulates of convolutions and matrix products, to the nearest million (ties to even)."""
    for left in counts.uncounted:
        if left.op in COUNTED:
            return Unmeasured(f"{left.op}: {left.reason}")
    macs = sum(share.macs for share in counts.by_op if share.op in COUNTED)
    return round(macs / MILLION) * MILLION
