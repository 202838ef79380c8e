from __future__ import annotations

import pytest

from networks import network
from proof import kinds, proven


def body(text: str, shape: str, **weights: tuple[int, ...]):
    return proven(network(f"net (float[{shape}] x) => (float[] y) {{ {text} }}", **weights))


@pytest.mark.parametrize(
    "text",
    [
        "y = Gemm(x, w, b)",
        "y = Gemm <transB = 1> (x, wt, b)",
        "y = Gemm <alpha = 1.0, beta = 1.0> (x, w, r)",
        "a = Gemm(x, w) y = Add(a, b)",
        "a = Gemm <beta = 0.0> (x, w, b) y = Add(a, b)",
        "a = MatMul(x, w) y = Add(a, b)",
        "a = MatMul(x, w) y = Add(r, a)",
    ],
)
def test_every_dense_layer_is_one_gemm(text):
    draft = body(text, "2,6", w=(6, 4), wt=(4, 6), b=(4,), r=(1, 4))
    assert kinds(draft) == ["Gemm"]
    assert draft.ops[0].attributes == {}
    assert [draft.shape(name) for name in draft.ops[0].inputs[1:]] == [(6, 4), (4,)]


def test_any_rank():
    assert kinds(body("a = MatMul(x, w) y = Add(a, b)", "2,3,5,6", w=(6, 4), b=(1, 1, 4))) == ["Gemm"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("y = Gemm <alpha = 0.5> (x, w, b)", ["Gemm"]),
        ("y = Gemm <transA = 1> (x, w6)", ["Gemm"]),
        ("y = MatMul(w4, x)", ["MatMul"]),
        ("a = MatMul(x, w) y = Add(a, m)", ["Gemm", "Add"]),
        ("a = Gemm(x, w, b) y = Add(a, b)", ["Gemm", "Add"]),
    ],
)
def test_what_is_no_plain_dense_layer_stays(text, expected):
    draft = body(text, "6,6", w=(6, 4), w6=(6, 4), w4=(4, 6), b=(4,), m=(6, 4))
    assert kinds(draft) == expected
    assert bool(draft.ops[0].attributes) == ("alpha" in text or "transA" in text)


def test_a_convolution_on_a_single_point_is_a_dense_layer():
    conv = "g = GlobalAveragePool(x) a = Conv(g, w, b) r = Relu(a) s = Conv(r, v) t = Sigmoid(s) y = Mul(x, t)"
    dense = """g = GlobalAveragePool(x) f = Flatten(g) a = Gemm <transB = 1> (f, w2, b) r = Relu(a)
               s = MatMul(r, v2) t = Sigmoid(s) k = Constant <value_ints = [1,6,1,1]> () u = Reshape(t, k)
               y = Mul(x, u)"""
    expected = ["GlobalAveragePool", "Reshape", "Gemm", "Relu", "Gemm", "Sigmoid", "Reshape", "Mul"]
    assert kinds(body(conv, "1,6,4,4", w=(3, 6, 1, 1), b=(3,), v=(6, 3, 1, 1))) == expected
    assert kinds(body(dense, "1,6,4,4", w2=(3, 6), b=(3,), v2=(3, 6))) == expected


def test_a_convolution_as_large_as_its_map():
    conv = "a = Conv(x, w, b) r = Relu(a) y = Conv(r, v)"
    assert kinds(body(conv, "2,3,5,5", w=(4, 3, 5, 5), b=(4,), v=(2, 4, 1, 1))) == [
        "Reshape", "Gemm", "Relu", "Gemm", "Reshape"
    ]  # fmt: skip
    assert kinds(body("y = Conv <pads = [1,1,1,1]> (x, w)", "2,3,3,3", w=(4, 3, 3, 3))) == ["Conv"]
    assert kinds(body("y = Conv <group = 3> (x, w)", "2,3,5,5", w=(3, 1, 5, 5))) == ["Conv"]


def test_a_constant_per_channel_is_the_convolutions_bias():
    for shape in ((4, 1, 1), (1, 4, 1, 1)):
        draft = body("a = Conv(x, w) y = Add(a, b)", "1,3,5,5", w=(4, 3, 3, 3), b=shape)
        assert kinds(draft) == ["Conv"]
        assert draft.shape(draft.ops[0].inputs[2]) == (4,)
    per_column = body("a = Conv(x, w) y = Add(a, b)", "1,3,6,6", w=(4, 3, 3, 3), b=(4,))
    assert kinds(per_column) == ["Conv", "Add"]


def test_an_inner_result_that_others_read_keeps_the_bias_apart():
    text = "net (float[2,6] x) => (float[] y, float[] z) { a = MatMul(x, w) y = Add(a, b) z = Relu(a) }"
    assert kinds(proven(network(text, w=(6, 4), b=(4,)))) == ["Gemm", "Add", "Relu"]
