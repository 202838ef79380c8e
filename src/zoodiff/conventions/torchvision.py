"""Torchvision's own column `GFLOPS` (`_ops` of its weights): multiply-accumulates, to the nearest million.

One per multiplication of convolutions and matrix products, attention included; deformable convolutions and recurrent
operators are not among its rules, biases, normalization, pooling and elementwise operators are not counted. The column
prints billions with three decimals, hence the rounding. It differs from `macs` by that alone for every classifier of
torchvision, the quantised ones included, in spite of its heading (https://github.com/pytorch/vision/issues/5982).

Source: https://github.com/pytorch/vision/blob/v0.29.1/test/common_extended_utils.py (get_ops: flops / 1e9, rounded to
three decimals; one flop is a multiply-accumulate).
"""

from __future__ import annotations

from zoodiff.count import Counts
from zoodiff.record import Graph, Unmeasured

COUNTED = frozenset((
    "Conv", "ConvTranspose", "Gemm", "MatMul", "Einsum", "Attention", "QLinearConv", "QLinearMatMul", "ConvInteger",
    "MatMulInteger", "com.microsoft::QGemm",
))  # fmt: skip
"""what the column's rules for aten operators count, quantised forms included"""

MILLION = 10**6


def count(graph: Graph, counts: Counts) -> int | Unmeasured:
    """Multiply-accumulates of convolutions and matrix products, to the nearest million (ties to even)."""
    for left in counts.uncounted:
        if left.op in COUNTED:
            return Unmeasured(f"{left.op}: {left.reason}")
    macs = sum(share.macs for share in counts.by_op if share.op in COUNTED)
    return round(macs / MILLION) * MILLION
