from __future__ import annotations

import pytest

from networks import network
from proof import kinds, proven

MOMENTS = """e = Constant <value_float = 0.000001> () two = Constant <value_float = 2.0> ()
             m = ReduceMean <axes = [{axis}]> (x) d = Sub(x, m)"""
VARIANCE = {
    "pow": "q = Pow(d, two)",
    "mul": "q = Mul(d, d)",
    "difference": "d2 = Sub(x, m) q = Mul(d, d2)",
}
SCALED = {
    "torch": "u = Add(v, e) r = Sqrt(u) n = Div(d, r) k = Mul(n, s) y = Add(k, t)",
    "reciprocal": "u = Add(v, e) r = Sqrt(u) i = Reciprocal(r) n = Mul(d, i) k = Mul(n, s) y = Add(t, k)",
    "tensorflow": "u = Add(v, e) r = Sqrt(u) i = Reciprocal(r) g = Mul(i, s) a = Mul(x, g) b = Mul(m, g) c = "
    "Sub(t, b) y = Add(a, c)",
    "negated": "u = Add(e, v) r = Sqrt(u) i = Reciprocal(r) g = Mul(i, s) a = Mul(x, g) o = Neg(m) b = Mul(o, "
    "g) c = Add(b, t) y = Add(a, c)",
}


def spelled(square: str, scaled: str, axis: int = -1) -> str:
    return f"{MOMENTS.format(axis=axis)} {VARIANCE[square]} v = ReduceMean <axes = [{axis}]> (q) {SCALED[scaled]}"


def layer(text: str, shape: str = "2,5,8", opset: int = 17, **weights: tuple[int, ...]):
    return proven(network(f"net (float[{shape}] x) => (float[] y) {{ {text} }}", opset=opset, **weights))


@pytest.mark.parametrize("square", VARIANCE)
@pytest.mark.parametrize("scaled", SCALED)
def test_every_spelling_is_one_operator(square, scaled):
    draft = layer(spelled(square, scaled), s=(8,), t=(8,))
    assert kinds(draft) == ["LayerNormalization"]
    assert draft.ops[0].attributes == {"axis": -1, "epsilon": 1e-6}
    assert draft.ops[0].inputs[1:] == ["s", "t"]


def test_channels_first_is_turned():
    draft = layer(spelled("mul", "tensorflow", axis=1), shape="2,8,3,3", s=(8, 1, 1), t=(8, 1, 1))
    assert kinds(draft) == ["Transpose", "LayerNormalization", "Transpose"]


def test_without_scale_or_shift():
    plain = f"{MOMENTS.format(axis=-1)} q = Mul(d, d) v = ReduceMean <axes = [-1]> (q) u = Add(v, e) r = Sqrt(u)"
    assert [len(layer(f"{plain} y = Div(d, r)").ops[0].inputs)] == [1]
    scaled = layer(f"{plain} n = Div(d, r) y = Mul(n, s)", s=(8,))
    assert scaled.ops[0].inputs[1:] == ["s"]
    shifted = layer(f"{plain} n = Div(d, r) y = Add(n, t)", t=(8,))
    assert shifted.ops[0].inputs[1:] == ["", "t"]


@pytest.mark.parametrize(
    "text",
    [
        # the mean square without the mean taken off: RMS normalization
        "e = Constant <value_float = 0.000001> () q = Mul(x, x) v = ReduceMean <axes = [-1]> (q) u = Add(v, e) "
        "r = Sqrt(u) y = Div(x, r)",
        # epsilon outside of the root
        "e = Constant <value_float = 0.01> () m = ReduceMean <axes = [-1]> (x) d = Sub(x, m) q = Mul(d, d) "
        "v = ReduceMean <axes = [-1]> (q) r = Sqrt(v) u = Add(r, e) y = Div(d, u)",
        # mean over one axis, variance over another
        "e = Constant <value_float = 0.01> () m = ReduceMean <axes = [1]> (x) d = Sub(x, m) q = Mul(d, d) "
        "v = ReduceMean <axes = [-1]> (q) u = Add(v, e) r = Sqrt(u) y = Div(d, r)",
    ],
)
def test_other_normalizations_stay(text):
    assert "LayerNormalization" not in kinds(layer(text))


BATCH = "n = BatchNormalization <epsilon = 0.001> (x, g, b, m, v)"
VECTORS = {"g": (6,), "b": (6,), "m": (6,), "v": (6,)}


def test_batch_normalization_takes_in_a_scale_and_shift():
    draft = layer(f"{BATCH} k = Mul(n, s) y = Add(k, t)", shape="2,6,3,3", **VECTORS, s=(6, 1, 1), t=(1, 6, 1, 1))
    assert kinds(draft) == ["BatchNormalization"]
    assert draft.ops[0].attributes == {"epsilon": 0.001}


def test_batch_normalization_leaves_what_is_not_per_channel():
    draft = layer(f"{BATCH} y = Mul(n, s)", shape="2,6,3,6", **VECTORS, s=(6,))
    assert kinds(draft) == ["BatchNormalization", "Mul"]
    text = f"net (float[2,6,3,3] x) => (float[] y, float[] z) {{ {BATCH} y = Mul(n, s) z = Relu(n) }}"
    assert kinds(proven(network(text, **VECTORS, s=(6, 1, 1)))) == ["BatchNormalization", "Mul", "Relu"]
