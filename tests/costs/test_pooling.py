from __future__ import annotations

import pytest

from zoodiff.costs._cost import Uncountable


@pytest.mark.parametrize(
    ("operator", "each"),
    [("MaxPool", 8), ("AveragePool", 9), ("LpPool", 18)],  # 3 x 3 values: 8 between them, a division, powers and root
)
def test_window(cost, operator, each):
    assert cost(operator, [(1, 4, 9, 9)], [(1, 4, 4, 4)], kernel_shape=(3, 3), strides=(2, 2)) == (0, 4 * 16 * each)


@pytest.mark.parametrize(("operator", "each"), [("GlobalMaxPool", 48), ("GlobalAveragePool", 49), ("GlobalLpPool", 98)])
def test_whole_map(cost, operator, each):
    assert cost(operator, [(2, 5, 7, 7)], [(2, 5, 1, 1)]) == (0, 10 * each)


def test_regions(cost):
    shapes = [(1, 8, 20, 20), (6, 4), (6,)], [(6, 8, 2, 2)]
    assert cost("RoiAlign", *shapes, sampling_ratio=2) == (0, 6 * 8 * 4 * (4 * 7 + 4))
    assert cost("RoiAlign", *shapes, sampling_ratio=2, mode="max") == (0, 6 * 8 * 4 * (4 * 7 + 3))
    with pytest.raises(Uncountable, match="depends on the regions"):
        cost("RoiAlign", *shapes)


def test_columns_are_added_up(cost):
    assert cost("Col2Im", [(1, 20, 9), (2,), (2,)], [(1, 5, 4, 4)]) == (0, 180)


def test_a_window_without_kernel_is_uncountable(cost):
    with pytest.raises(Uncountable, match="kernel_shape"):
        cost("MaxPool", [(1, 4, 9, 9)], [(1, 4, 4, 4)])
