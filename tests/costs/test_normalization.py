from __future__ import annotations

import pytest

from zoodiff.costs._cost import Uncountable

X = (2, 6, 4, 4)
ELEMENTS = 192


def test_batch_normalization_is_a_multiplication_and_an_addition(cost):
    assert cost("BatchNormalization", [X, *[(6,)] * 4], [X]) == (0, 2 * ELEMENTS)
    with pytest.raises(Uncountable, match="training"):
        cost("BatchNormalization", [X, *[(6,)] * 4], [X], training_mode=1)


@pytest.mark.parametrize(
    ("operator", "inputs", "attributes", "each", "groups"),
    [
        ("LayerNormalization", [X, (4,)], {}, 6, 2 * 6 * 4),
        ("LayerNormalization", [X, (4,), (4,)], {}, 7, 2 * 6 * 4),
        ("LayerNormalization", [X, (6, 4, 4), (6, 4, 4)], {"axis": 1}, 7, 2),
        ("InstanceNormalization", [X, (6,), (6,)], {}, 7, 2 * 6),
        ("GroupNormalization", [X, (6,), (6,)], {"num_groups": 3}, 7, 2 * 3),
        ("MeanVarianceNormalization", [X], {}, 5, 6),
        ("MeanVarianceNormalization", [X], {"axes": (1, -1)}, 5, 2 * 4),
    ],
)
def test_mean_and_variance(cost, operator, inputs, attributes, each, groups):
    # one row of n elements and its 4 operations beside: written out in test_a_row_by_hand
    assert cost(operator, inputs, [X], **attributes) == (0, each * ELEMENTS + 4 * groups)


def test_a_row_by_hand(cost):
    # n = 3: mean 3 (sum from 0) and 1 division; 3 differences; 3 squares, 3 sums, 1 division; epsilon, root;
    # 3 divisions; 3 scales; 3 shifts
    by_hand = (3 + 1) + 3 + (3 + 3 + 1) + 2 + 3 + 3 + 3
    assert cost("LayerNormalization", [(1, 3), (3,), (3,)], [(1, 3)]) == (0, by_hand)
    # root mean square: 3 squares, 3 sums, division, epsilon, root, 3 divisions, 3 scales
    assert cost("RMSNormalization", [(1, 3), (3,)], [(1, 3)]) == (0, 3 + 3 + 3 + 3 + 3)
    assert cost("RMSNormalization", [(2, 5, 3), (5, 3)], [(2, 5, 3)], axis=1) == (0, 4 * 30 + 3 * 2)


def test_norms(cost):
    assert cost("LpNormalization", [(4, 5)], [(4, 5)], p=1) == (0, 60)
    # AlexNet: 5 neighbours are a square, 4 sums, scale, bias, power, division
    assert cost("LRN", [(1, 96, 55, 55)], [(1, 96, 55, 55)], size=5) == (0, 96 * 55 * 55 * (1 + 4 + 1 + 1 + 1 + 1))
    with pytest.raises(Uncountable, match="definition"):
        cost("LRN", [X], [X])
