from __future__ import annotations

import pytest

from zoodiff.costs._cost import Uncountable

B, H, S, T, D, V = 2, 8, 10, 12, 16, 20
SCORES = B * H * S * T


def by_products(cost):
    """Attention taken apart into its two matrix products and the softmax between."""
    scores = cost("MatMul", [(B, H, S, D), (B, H, D, T)], [(B, H, S, T)])
    softmax = cost("Softmax", [(B, H, S, T)], [(B, H, S, T)])
    total = cost("MatMul", [(B, H, S, T), (B, H, T, V)], [(B, H, S, V)])
    return scores.macs + total.macs, softmax.other + SCORES  # the scores are scaled


def test_four_dimensions(cost):
    assert cost("Attention", [(B, H, S, D), (B, H, T, D), (B, H, T, V)], [(B, H, S, V)]) == by_products(cost)


def test_three_dimensions_and_shared_key_heads(cost):
    inputs = [(B, S, H * D), (B, T, 2 * D), (B, T, 2 * V)]
    assert cost("Attention", inputs, [(B, S, H * V)], q_num_heads=H, kv_num_heads=2) == by_products(cost)
    with pytest.raises(Uncountable, match="q_num_heads"):
        cost("Attention", inputs, [(B, S, H * V)])


def test_past_keys_masks_and_cap(cost):
    macs, other = by_products(cost)
    inputs = [(B, H, S, D), (B, H, 5, D), (B, H, 5, V), (S, T), (B, H, 7, D), (B, H, 7, V)]
    assert cost("Attention", inputs, [(B, H, S, V)], is_causal=1, softcap=30.0) == (macs, other + SCORES * (2 + 3))


def test_flexible(cost):
    name = "ai.onnx.preview::FlexAttention"
    assert cost(name, [(B, H, S, D), (B, H, T, D), (B, H, T, V)], [(B, H, S, V)]) == by_products(cost)


@pytest.mark.parametrize(
    ("rule", "updates", "other"),
    [
        ("linear", 1, 0),
        ("delta", 2, 2 * 2 * 3 * 2 * 5),
        ("gated", 1, 2 * 3 * 2 * (4 * 5) + 2 * 3 * 2),
        ("gated_delta", 2, 2 * 3 * 2 * (4 * 5) + 2 * 3 * 2 + 2 * 2 * 3 * 2 * 5),
    ],
)
def test_linear(cost, rule, updates, other):
    # 2 images, 3 tokens, 6 query heads on 2 key heads, states of 4 x 5
    inputs = [(2, 3, 6 * 4), (2, 3, 2 * 4), (2, 3, 2 * 5), None, (2, 3, 2), (2, 3, 2)]
    got = cost("LinearAttention", inputs, [(2, 3, 6 * 5)], q_num_heads=6, kv_num_heads=2, update_rule=rule)
    assert got == (2 * 3 * 4 * 5 * (6 + 2 * updates), 2 * 3 * 6 * 5 + other)


@pytest.mark.parametrize("operator", ["RotaryEmbedding", "com.microsoft::RotaryEmbedding"])
def test_rotation_is_three_per_rotated_element(cost, operator):
    assert cost(operator, [(B, H, S, D)], [(B, H, S, D)]) == (0, 3 * B * H * S * D)
    assert cost(operator, [(B, H, S, D)], [(B, H, S, D)], rotary_embedding_dim=4) == (0, 3 * B * H * S * 4)
    packed = [(B, S, H * D)]
    assert cost(operator, packed, packed, rotary_embedding_dim=4, num_heads=H) == (0, 3 * B * H * S * 4)
