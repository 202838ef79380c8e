from __future__ import annotations

import pytest

from zoodiff.costs._cost import Uncountable

SCALE = [(), ()]
B, H, S, W = 2, 4, 6, 8
E = H * W
SCORES = B * H * S * S


@pytest.fixture
def ms(cost):
    return lambda name, *args, **kwargs: cost(f"com.microsoft::{name}", *args, **kwargs)


@pytest.mark.parametrize(
    ("name", "each", "kernel"),
    [("QLinearLeakyRelu", 2, None), ("QLinearSigmoid", 4, None), ("QLinearSoftmax", 5, None)],
)
def test_quantised_functions(ms, name, each, kernel):
    assert ms(name, [(3, 5), *SCALE, *SCALE], [(3, 5)]) == (0, 15 * (2 + each + 4))


@pytest.mark.parametrize("name", ["QLinearAdd", "QLinearMul"])
def test_quantised_pairs(ms, name):
    assert ms(name, [(3, 5), *SCALE, (5,), *SCALE, *SCALE], [(3, 5)]) == (0, 2 * (15 + 5) + 15 + 4 * 15)


def test_quantised_pooling(ms):
    x, small, y = (1, 4, 8, 8), (1, 4, 4, 4), (1, 4, 1, 1)
    pooled = ms("QLinearAveragePool", [x, *SCALE, *SCALE], [small], kernel_shape=(2, 2))
    assert pooled == (0, 2 * 256 + 64 * 4 + 4 * 64)
    assert ms("QLinearGlobalAveragePool", [x, *SCALE, *SCALE], [y]) == (0, 2 * 256 + 256 + 4 * 4)
    assert ms("QLinearReduceMean", [x, *SCALE, *SCALE], [y]) == (0, 2 * 256 + 256 + 4 * 4)


def test_quantised_movement(ms):
    assert ms("QLinearWhere", [(5,), (5,), *SCALE, (5,), *SCALE, *SCALE], [(5,)]) == (0, 2 * 10 + 4 * 5)
    assert ms("QLinearConcat", [*SCALE, (2, 3), *SCALE, (2, 4), *SCALE], [(2, 7)]) == (0, 6 * 14)


def test_quantised_products(ms):
    a, w, y = (2, 7), (5, 7), (2, 5)
    with_scale = [a, *SCALE, w, *SCALE, (5,), *SCALE]
    assert ms("QGemm", with_scale, [y], transB=1) == (70, 10 + 4 * 10)
    assert ms("QGemm", with_scale[:6], [y], transB=1) == (70, 10)
    assert ms("MatMulIntegerToFloat", [a, (7, 5), *SCALE, *SCALE, (5,)], [y]) == (70, 20)
    assert ms("DynamicQuantizeMatMul", [a, (7, 5), (5,)], [y]) == (70, 10 + 6 * 14)
    assert ms("DynamicQuantizeMatMul", [a, (7, 5), (5,), None, (5,)], [y]) == (70, 20 + 6 * 14)
    packed = [(2, 32), (5, 2, 8), (10,)]
    assert ms("MatMulNBits", packed, [y], K=32, N=5, bits=4, block_size=16) == (2 * 5 * 32, 2 * 32 * 5)


def test_fused_products(ms):
    x, w, y = (1, 3, 8, 8), (4, 3, 1, 1), (1, 4, 8, 8)
    assert ms("FusedConv", [x, w, (4,)], [y], activation="Relu") == (256 * 3, 256 * 2)
    assert ms("FusedConv", [x, w, (4,), y], [y], activation="Relu") == (256 * 3, 256 * 3)
    assert ms("FusedGemm", [(2, 7), (7, 5), (5,)], [(2, 5)], activation="Sigmoid") == (70, 10 + 40)
    for name in ("FusedMatMul", "TransposeMatMul"):
        assert ms(name, [(2, 7, 3), (2, 7, 5)], [(2, 3, 5)], transA=1, alpha=0.5) == (30 * 7, 30)
        assert ms(name, [(2, 3, 7), (2, 5, 7)], [(2, 3, 5)], transB=1) == (30 * 7, 0)
    with pytest.raises(Uncountable, match="'Mystery'"):
        ms("FusedConv", [x, w], [y], activation="Mystery")


@pytest.mark.parametrize(
    ("name", "each"), [("Gelu", 5), ("BiasGelu", 6), ("FastGelu", 10), ("QuickGelu", 6), ("BiasAdd", 2)]
)
def test_activations(ms, name, each):
    assert ms(name, [(3, 5), (5,)], [(3, 5)]) == (0, 15 * each)


def test_fast_gelu_without_bias(ms):
    assert ms("FastGelu", [(3, 5)], [(3, 5)]) == (0, 15 * 9)


def test_normalisation(ms, cost):
    x, row, elements = (B, S, E), (E,), B * S * E
    plain = cost("LayerNormalization", [x, row, row], [x]).other
    rms = cost("RMSNormalization", [x, row], [x]).other
    assert ms("LayerNormalization", [x, row, row], [x]).other == plain
    assert ms("SimplifiedLayerNormalization", [x, row], [x]).other == rms
    assert cost("SimplifiedLayerNormalization", [x, row], [x]).other == rms
    assert ms("SkipLayerNormalization", [x, x, row, row], [x]).other == plain + elements
    assert ms("SkipLayerNormalization", [x, x, row, row, row], [x]).other == plain + 2 * elements
    assert ms("SkipSimplifiedLayerNormalization", [x, x, row], [x]).other == rms + elements
    tables = [(B, S), (B, S), (99, E), (512, E), (2, E), row, row]
    assert ms("EmbedLayerNormalization", tables, [x, (B,)]).other == plain + 2 * elements
    tables[4] = None
    assert ms("EmbedLayerNormalization", tables, [x, (B,)]).other == plain + elements


def test_group_norm_is_channels_last(ms):
    x = (2, 4, 4, 6)
    assert ms("GroupNorm", [x, (6,), (6,)], [x], groups=3) == (0, 7 * 192 + 4 * 2 * 3)
    assert ms("GroupNorm", [x, (6,), (6,)], [x], groups=3, activation=1) == (0, (7 + 5) * 192 + 4 * 2 * 3)


def test_attention_with_projection(ms, cost):
    x, w = (B, S, E), (E, 3 * E)
    projection = cost("MatMul", [x, w], [(B, S, 3 * E)]).macs
    macs = projection + 2 * SCORES * W
    assert ms("Attention", [x, w, (3 * E,)], [x], num_heads=H) == (macs, SCORES * 6 + B * S * 3 * E)
    assert ms("Attention", [x, w, None, (B, S)], [x], num_heads=H) == (macs, SCORES * 7)
    quantised = [x, w, (3 * E,), (), (), None, (), ()]
    assert ms("QAttention", quantised, [x], num_heads=H) == (macs, SCORES * 6 + 2 * B * S * 3 * E)
    with pytest.raises(Uncountable, match="num_heads"):
        ms("Attention", [x, w], [x])


def test_attention_with_past_and_other_widths(ms):
    x, w, past = (B, S, E), (E, 2 * E + 16), (2, B, H, 5, W)
    macs, _ = ms("Attention", [x, w, None, None, past], [(B, S, 16)], num_heads=H, qkv_hidden_sizes=(E, E, 16))
    assert macs == B * S * E * (2 * E + 16) + B * H * S * (S + 5) * (W + 4)


@pytest.mark.parametrize(
    "inputs",
    [
        [(B, S, E), (B, 9, E), (B, 9, E)],
        [(B, S, E), (B, H, 9, W), (B, H, 9, W)],
        [(B, S, E), (B, 9, H, 2, W)],
        [(B, S, E), (B, 4, E), (B, 4, E), None, None, None, (B, H, 5, W), (B, H, 5, W)],
    ],
)
def test_multi_head_layouts(ms, inputs):
    scores = B * H * S * 9
    assert ms("MultiHeadAttention", inputs, [(B, S, E)], num_heads=H) == (scores * 2 * W, scores * 6)


def test_multi_head_packed_with_bias_and_mask(ms):
    packed = [(B, S, H, 3, W), None, None, (3 * E,), (B, S)]
    got = ms("MultiHeadAttention", packed, [(B, S, E)], num_heads=H)
    assert got == (SCORES * 2 * W, SCORES * 7 + B * S * 3 * E)


def test_grouped_queries(ms):
    kv = 2 * W
    scores = B * H * S * (S + 5)
    past = (B, 2, 5, W)
    split = [(B, S, E), (B, S, kv), (B, S, kv), past, past]
    heads = {"num_heads": H, "kv_num_heads": 2}
    assert ms("GroupQueryAttention", split, [(B, S, E)], **heads) == (scores * 2 * W, scores * 7)
    present = (B, 2, S + 5, W)
    packed = [(B, S, E + 2 * kv), None, None, past, past]
    rotation = 3 * B * S * (H + 2) * W
    got = ms("GroupQueryAttention", packed, [(B, S, E), present, present], **heads, do_rotary=1)
    assert got == (scores * 2 * W, scores * 7 + rotation)
