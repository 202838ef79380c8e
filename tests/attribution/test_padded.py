"""Zeros around a map: no second change where the other network's average counts them."""

from __future__ import annotations

import pytest

from networks import network
from zoodiff.alignment.align import align
from zoodiff.attribution.causes import roots
from zoodiff.attribution.padded import padded
from zoodiff.readers.onnx import from_proto
from zoodiff.reducing.net import Net
from zoodiff.reducing.reduce import build

PADDED = "z = Constant<value = int64[8] {0,0,1,1,0,0,1,1}>() r = Pad (a, z) p = "


def net(pooling: str) -> Net:
    text = f"net (float[1,3,16,16] x) => (float[] y) {{ a = Conv (x, w) {pooling} y = Conv (p, u) }}"
    return build(from_proto(network(text, w=(8, 3, 3, 3), u=(8, 8, 3, 3)), "net"))


@pytest.mark.parametrize(
    ("average", "told"),
    [
        (f"{PADDED} AveragePool <kernel_shape = [3,3]> (r)", ["op"]),
        ("p = AveragePool <kernel_shape = [3,3], pads = [1,1,1,1], count_include_pad = 1> (a)", ["op"]),
        ("p = AveragePool <kernel_shape = [3,3], pads = [1,1,1,1]> (a)", ["op", "layer"]),
    ],
)
def test_padding_with_zeros_is_no_second_change_where_the_other_pooling_counts_it(
    average: str, told: list[str]
) -> None:
    """Zeros around what may be negative are no padding of a maximum, so that the normal form keeps the Pad there."""
    largest = net(f"{PADDED} MaxPool <kernel_shape = [3,3]> (r)")
    for left, right in ((largest, net(average)), (net(average), largest)):
        found = roots(left, right, align(left, right))
        assert [cause.what for cause in found] == told
        assert padded(found, left, right, align(left, right)) == found
