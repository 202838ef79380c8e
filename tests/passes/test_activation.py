from __future__ import annotations

import numpy as np
import pytest

from networks import network
from proof import kinds, proven

HARD_SWISH = [
    "three = Constant <value_float = 3.0> () lo = Constant <value_float = 0.0> () hi = Constant <value_float = "
    "6.0> () "
    "a = Add(x, three) b = Clip(a, lo, hi) six = Constant <value_float = 6.0> () c = Div(b, six) y = Mul(x, c)",
    "three = Constant <value_float = 3.0> () lo = Constant <value_float = 0.0> () hi = Constant <value_float = "
    "6.0> () "
    "a = Add(x, three) b = Clip(a, lo, hi) c = Mul(x, b) s = Constant <value_float = 0.1666667> () y = Mul(c, s)",
    "h = HardSigmoid <alpha = 0.16666667, beta = 0.5> (x) y = Mul(h, x)",
    "y = HardSwish(x)",
]
SWISH = [
    "s = Sigmoid(x) y = Mul(x, s)",
    "one = Constant <value_float = 1.0> () n = Neg(x) e = Exp(n) d = Add(one, e) y = Div(x, d)",
]
GELU = [
    "h = Constant <value_float = 0.5> () r = Constant <value_float = 0.70710677> () one = Constant <value_float "
    "= 1.0> () "
    "a = Mul(x, r) b = Erf(a) c = Add(b, one) d = Mul(x, c) y = Mul(d, h)",
    "h = Constant <value_float = 0.5> () r = Constant <value_float = 0.70710677> () one = Constant <value_float "
    "= 1.0> () "
    "n = Neg(x) a = Mul(n, r) b = Erf(a) c = Sub(one, b) d = Mul(h, x) y = Mul(d, c)",
    "h = Constant <value_float = 0.5> () r = Constant <value_float = 1.4142135> () one = Constant <value_float "
    "= 1.0> () "
    "a = Div(x, r) b = Erf(a) c = Add(b, one) d = Mul(c, h) y = Mul(x, d)",
]
TANH_GELU = [
    "h = Constant <value_float = 0.5> () k = Constant <value_float = 0.7978846> () q = Constant <value_float = "
    "0.044715> () "
    "p = Constant <value_float = 3.0> () one = Constant <value_float = 1.0> () "
    "a = Pow(x, p) b = Mul(a, q) c = Add(x, b) d = Mul(c, k) e = Tanh(d) f = Add(e, one) g = Mul(x, f) y = Mul(g, h)",
]
RELU6 = [
    "lo = Constant <value_float = 0.0> () hi = Constant <value_float = 6.0> () y = Clip(x, lo, hi)",
    "hi = Constant <value_float = 6.0> () r = Relu(x) y = Min(r, hi)",
    "lo = Constant <value_float = 0.0> () hi = Constant <value_float = 6.0> () m = Min(x, hi) y = Max(m, lo)",
]
RELU = [
    "y = Relu(x)",
    "zero = Constant <value_float = 0.0> () y = Max(x, zero)",
    "zero = Constant <value_float = 0.0> () y = Clip(x, zero)",
    "r = Relu(x) y = Relu(r)",
]
LEAKY = [
    "y = LeakyRelu <alpha = 0.1> (x)",
    "s = Constant <value_float = 0.1> () y = PRelu(x, s)",
    "s = Constant <value_float = 0.1> () a = Mul(x, s) y = Max(x, a)",
]
HARD_SIGMOID = [
    "y = HardSigmoid <alpha = 0.16666667, beta = 0.5> (x)",
    "three = Constant <value_float = 3.0> () lo = Constant <value_float = 0.0> () hi = Constant <value_float = "
    "6.0> () "
    "a = Add(x, three) b = Clip(a, lo, hi) s = Constant <value_float = 0.16667> () y = Mul(b, s)",
]
SOFTPLUS_FAMILY = ["s = Softplus(x) t = Tanh(s) y = Mul(x, t)"]


@pytest.mark.parametrize(
    ("name", "attributes", "spellings"),
    [
        ("HardSwish", {}, HARD_SWISH),
        ("Swish", {}, SWISH),
        ("Gelu", {"approximate": "none"}, GELU),
        ("Gelu", {"approximate": "tanh"}, TANH_GELU),
        ("Clip", {"min": 0.0, "max": 6.0}, RELU6),
        ("Relu", {}, RELU),
        ("LeakyRelu", {"alpha": 0.1}, LEAKY),
        ("HardSigmoid", {"alpha": 0.166667, "beta": 0.5}, HARD_SIGMOID),
        ("Mish", {}, SOFTPLUS_FAMILY),
    ],
)
def test_every_spelling_becomes_one_operator(name, attributes, spellings):
    for spelling in spellings:
        draft = proven(network(f"net (float[1,4,5,5] x) => (float[1,4,5,5] y) {{ {spelling} }}"))
        assert kinds(draft) == [name], spelling
        assert draft.ops[0].attributes == attributes


@pytest.mark.parametrize(
    "spelling",
    [
        "b = Constant <value_float = 1.702> () a = Mul(x, b) s = Sigmoid(a) y = Mul(x, s)",  # not Swish
        "e = Constant <value_float = 0.000001> () y = Add(x, e)",  # an epsilon is not nothing
        "lo = Constant <value_float = 0.000001> () y = Clip(x, lo)",  # nor is it here
        "s = Sigmoid(x) y = Mul(w, s)",  # a gate on something else
        "s = Sigmoid(x) t = Softmax(x) y = Mul(x, s)",  # Swish, and a reader that leads nowhere: only it goes
    ],
)
def test_what_is_no_known_curve_stays(spelling):
    draft = proven(network(f"net (float[1,4] x, float[1,4] w) => (float[1,4] y) {{ {spelling} }}"))
    named = {"HardSwish", "Gelu", "Relu", "Mish"}
    assert named.isdisjoint(kinds(draft))
    assert ("Swish" in kinds(draft)) == ("Softmax" in spelling)


def test_an_inner_result_that_others_read_keeps_the_expression_apart():
    text = "net (float[1,4] x) => (float[1,4] y, float[1,4] z) { s = Sigmoid(x) y = Mul(x, s) z = Neg(s) }"
    assert kinds(proven(network(text))) == ["Sigmoid", "Mul", "Neg"]


def test_a_bound_beyond_the_probes_is_seen():
    text = "net (float[1,4] x) => (float[1,4] y) { h = Constant <value_float = 123456.0> () r = Relu(x) y = Min(r, h) }"
    draft = proven(network(text))
    assert kinds(draft) == ["Clip"]
    assert draft.ops[0].attributes == {"min": 0.0, "max": np.float64(123456.0)}


def test_what_is_undone_is_dropped():
    text = (
        "net (float[1,4] x) => (float[1,4] y) { k = Constant <value_float = 4.0> () a = Mul(x, k) b = Div(a, "
        "k) y = Relu(b) }"
    )
    assert kinds(proven(network(text))) == ["Relu"]
