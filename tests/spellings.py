"""One small network in two spellings, and what `diff` and its proof say of two such texts."""

from __future__ import annotations

import onnx

from networks import network
from zoodiff.comparison.difference import Difference
from zoodiff.comparison.diffing import diff

SHAPES = {
    "k": (6, 3, 3, 3),
    "c": (6,),
    "s": (6,),
    "m": (6,),
    "v": (6,),
    "w": (10, 6 * 36),
    "u": (6 * 36, 10),
    "b": (10,),
}

FIRST = """net (float[1,3,6,6] x) => (float[] y) {
    a = Conv<pads = [1,1,1,1]>(x, k, c) n = BatchNormalization<epsilon = 0.001>(a, s, c, m, v) r = Relu(n)
    f = Flatten(r) y = Gemm<transB = 1>(f, w, b) }"""

SECOND = """net (float[1,6,6,3] x) => (float[] y) {
    t = Transpose<perm = [0,3,1,2]>(x) a = Conv<pads = [1,1,1,1]>(t, k)
    n = BatchNormalization<epsilon = 0.001>(a, s, c, m, v) o = Transpose<perm = [0,2,3,1]>(n) r = Relu(o)
    l = Constant<value = int64[2] {1, 216}>() f = Reshape(r, l) p = MatMul(f, u) z = Add(b, p) y = Softmax(z) }"""
"""Channels last, no bias before the normalization, the dense layer in two operators, and a final Softmax."""
TURNED = FIRST.replace("(x, k", "(q, k").replace("{", "{ q = Transpose<perm = [0,1,3,2]>(x) ", 1)
"""The image's rows and columns swapped: movement of data, which `diff` takes for granted."""


def made(text: str) -> onnx.ModelProto:
    used = {name: shape for name, shape in SHAPES.items() if f"{name})" in text or f"{name}," in text}
    return network(text, **used)


def proven(one: str, other: str) -> Difference:
    return diff(made(one), made(other), proven=True)
