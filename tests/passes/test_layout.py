from __future__ import annotations

from networks import network
from proof import kinds, proven

IN, OUT = "<perm = [0,2,3,1]>", "<perm = [0,3,1,2]>"


def body(text: str, shape: str = "1,6,4,5", **weights: tuple[int, ...]):
    return proven(network(f"net (float[{shape}] x) => (float[] y) {{ {text} }}", **weights))


def test_inverse_transposes_cancel_across_what_lies_between():
    text = f"""a = Conv(x, w) b = Transpose {IN} (a) c = Relu(b) d = Mul(c, s) e = Add(d, t)
               f = Transpose {OUT} (e) y = Conv(f, w)"""
    draft = body(text, w=(6, 6, 1, 1), s=(6,), t=(1, 1, 1, 6))
    assert "Transpose" not in kinds(draft)


def test_both_operands_transposed():
    text = f"""a = Conv(x, w) b = Transpose {IN} (a) c = Transpose {IN} (x) d = Add(b, c) e = Transpose {OUT} (d)
               y = Conv(e, w)"""
    assert kinds(body(text, w=(6, 6, 1, 1))) == ["Conv", "Add", "Conv"]


def test_axes_follow_through_concat_split_slice_and_softmax():
    text = f"""b = Transpose {IN} (x) c = Softmax <axis = 3> (b) d, e = Split <axis = 3> (c)
               g = Concat <axis = 3> (e, d) st = Constant <value_ints = [1]> () en = Constant <value_ints = [3]> ()
               ax = Constant <value_ints = [1]> () h = Slice(g, st, en, ax) y = Transpose {OUT} (h)"""
    draft = body(text)
    assert kinds(draft) == ["Softmax", "Split", "Concat", "Slice"]
    softmax, split, concat, cut = draft.ops
    assert [op.attributes["axis"] for op in (softmax, split, concat)] == [1, 1, 1]
    assert cut.attributes["axes"] == (2,)


def test_a_reduction_over_channels_in_either_layout():
    plain = body(f"{K} a = Relu(x) y = ReduceSum <keepdims = 1> (a, k0)")
    text = f"{K} a = Relu(x) b = Transpose {IN} (a) c = ReduceSum <keepdims = 1> (b, k3) y = Transpose {OUT} (c)"
    turned = body(text)
    assert kinds(plain)[:2] == kinds(turned)[:2] == ["Relu", "ReduceSum"]
    assert turned.ops[1].attributes["axes"] == plain.ops[1].attributes["axes"] == (1,)


K = "k0 = Constant <value_ints = [1]> () k3 = Constant <value_ints = [3]> () "


def test_a_pad_in_the_other_layout_meets_its_convolution():
    text = f"""a = Transpose {IN} (x) p = Constant <value_ints = [0,0,1,0,0,1,0,0]> () b = Pad(a, p)
               c = Transpose {OUT} (b) y = Conv <kernel_shape = [2,2]> (c, w)"""
    draft = body(text, w=(6, 6, 2, 2))
    assert kinds(draft) == ["Conv"]
    assert draft.ops[0].attributes["pads"] == (0, 1, 1, 0)


def test_a_map_flattened_in_the_other_layout():
    text = f"a = Conv(x, v) b = Transpose {IN} (a) c = Flatten(b) y = Gemm(c, w)"
    assert kinds(body(text, v=(6, 6, 1, 1), w=(120, 7))) == ["Conv", "Reshape", "Gemm"]


def test_layer_normalization_and_dense_layers_need_the_last_axis():
    text = f"a = Transpose {IN} (x) b = LayerNormalization(a, s, t) c = MatMul(b, w) y = Transpose {OUT} (c)"
    assert kinds(body(text, s=(6,), t=(6,), w=(6, 3))) == ["Transpose", "LayerNormalization", "Gemm", "Transpose"]


def test_a_transpose_that_mixes_layouts_stays():
    text = f"a = Transpose {IN} (x) y = Add(a, x)"
    assert kinds(body(text, shape="1,4,4,4")) == ["Transpose", "Add"]


def test_a_gate_computed_in_the_other_layout():
    """Squeeze-and-excitation in TensorFlow: the gate is a vector, and so may lie on any axis."""
    text = f"""a = Relu(x) t = Transpose {IN} (a) k = Constant <value_ints = [1, 2]> ()
               m = ReduceMean <keepdims = 1> (t, k) g = Sigmoid(m) h = Mul(t, g) o = Transpose {OUT} (h) y =
               Conv(o, w)"""
    graph = network(f"net (float[1,6,4,5] x) => (float[] y) {{ {text} }}", opset=18, w=(6, 6, 1, 1))
    assert kinds(proven(graph)) == ["Relu", "GlobalAveragePool", "Sigmoid", "Mul", "Conv"]


def test_token_axes_are_reshaped_before_they_are_turned():
    first = "s = Constant <value_ints = [1,6,20]> () a = Relu(x) b = Reshape(a, s) y = Transpose <perm = [0,2,1]> (b)"
    other = f"s = Constant <value_ints = [1,20,6]> () a = Relu(x) b = Transpose {IN} (a) y = Reshape(b, s)"
    assert kinds(body(first)) == kinds(body(other)) == ["Relu", "Reshape", "Transpose"]
