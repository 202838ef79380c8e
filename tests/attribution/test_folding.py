"""Normalization is presumed folded only where a bias shows it, and a whole network is without."""

from __future__ import annotations

import onnx
import pytest

from networks import network
from zoodiff.comparison.diffing import diff

SHAPES = {"w": (8, 3, 3, 3), "u": (8, 8, 3, 3), **dict.fromkeys("bcsmvSMV", (8,))}
WHOLE = """net (float[1,3,16,16] x) => (float[] y) {
  a = Conv (x, w) n = BatchNormalization (a, s, b, m, v) r = Relu (n)
  e = Conv (r, u) k = BatchNormalization (e, S, c, M, V) y = Relu (k) }"""


def net(text: str) -> onnx.ModelProto:
    return network(text, **{name: shape for name, shape in SHAPES.items() if name in text.replace("BatchN", "")})


FOLDED = net(
    "net (float[1,3,16,16] x) => (float[] y) { a = Conv (x, w, b) r = Relu (a) e = Conv (r, u, c) y = Relu (e) }"
)
REMOVED = net("net (float[1,3,16,16] x) => (float[] y) { a = Conv (x, w) r = Relu (a) e = Conv (r, u) y = Relu (e) }")
ONE = net(
    WHOLE.replace("k = BatchNormalization (e, S, c, M, V) y = Relu (k)", "y = Relu (e)").replace("(r, u)", "(r, u, c)")
)


def test_folded_normalization_is_a_detail_and_listed() -> None:
    difference = diff(net(WHOLE), FOLDED)
    assert difference.folded == ("a", "e")
    assert {cause.group for cause in difference.differences} == {"detail"}
    assert diff(FOLDED, net(WHOLE)).folded == difference.folded
    assert sum(cause.params for cause in difference.differences) == difference.params.delta == 2 * 8 - 2 * 4 * 8


@pytest.mark.parametrize("right", [REMOVED, ONE], ids=["no bias is left behind", "one normalization is still there"])
def test_removed_normalization_is_not_folded(right: onnx.ModelProto) -> None:
    difference = diff(net(WHOLE), right)
    assert difference.folded == ()
    assert ("missing", "Normalization", "architecture") in [(c.kind, c.op, c.group) for c in difference.differences]


def test_where_the_twin_has_biases_too_both_are_said() -> None:
    difference = diff("torchvision:vgg16", "torchvision:vgg16_bn")
    assert len(difference.folded) == 13
    assert [(c.kind, c.op, c.count, c.group) for c in difference.differences] == [
        ("added", "Normalization", 13, "architecture")
    ]
