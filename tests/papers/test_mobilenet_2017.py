"""MobileNet: table 1's sizes, table 2's shares, and the last stride, which is 1 whatever table 1 says."""

from __future__ import annotations

import math

from zoodiff.measuring.measurement import measure
from zoodiff.reading.reference import find


def test_sizes_of_table_1() -> None:
    graph = find("paper:mobilenet-v1").graph()
    sizes = [graph.shape(f"separable{number}/conv2") for number in range(1, 14)]
    widths = (64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024)
    pixels = (112, 56, 56, 28, 28, 14, 14, 14, 14, 14, 14, 7, 7)
    assert sizes == [(1, width, size, size) for width, size in zip(widths, pixels, strict=True)]
    assert measure("paper:mobilenet-v1").counts.layers == 28


def test_shares_of_table_2() -> None:
    """It prints 94.86, 3.06, 1.19 and 0.18 %, which add up to 99.29: the first layer has 1.91."""
    graph = find("paper:mobilenet-v1").graph()
    shares = {"1x1": 0, "dw": 0, "3x3": 0, "dense": 0}
    for node in graph.nodes:
        if node.op in ("Conv", "Gemm"):
            weight, made = graph.constants[node.inputs[1]].shape, graph.shape(node.outputs[0]) or ()
            kind = "dense" if node.op == "Gemm" else "1x1" if weight[2] == 1 else "dw" if weight[1] == 1 else "3x3"
            shares[kind] += math.prod(weight) * math.prod(made[2:])
    whole = measure("paper:mobilenet-v1").counts.macs.value
    assert sum(shares.values()) == whole
    assert {kind: round(100 * macs / whole, 2) for kind, macs in shares.items()} == {
        "1x1": 94.86,
        "dw": 3.06,
        "3x3": 1.91,
        "dense": 0.18,
    }


def test_the_last_stride_is_1() -> None:
    nodes = {node.outputs[0]: node for node in find("paper:mobilenet-v1").graph().nodes}
    strides = [nodes[f"separable{number}/conv1"].attributes["strides"][0] for number in range(1, 14)]
    assert strides == [1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1]
