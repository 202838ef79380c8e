from __future__ import annotations

import pytest

from zoodiff.costs._cost import Uncountable

X, TWICE, WIDE, HALF = (1, 2, 4, 4), (1, 2, 8, 8), (1, 2, 4, 8), (1, 2, 2, 2)


@pytest.mark.parametrize("operator", ["Resize", "Upsample"])
@pytest.mark.parametrize(
    ("y", "mode", "neighbours"),
    [(TWICE, "linear", 4), (WIDE, "linear", 2), (TWICE, "cubic", 16), (HALF, "linear", 4)],
)
def test_interpolation(cost, operator, y, mode, neighbours):
    elements = y[1] * y[2] * y[3]
    assert cost(operator, [X, (4,)], [y], mode=mode) == (0, elements * (neighbours + neighbours - 1))


def test_copies_are_free(cost):
    assert cost("Resize", [X, None, (4,)], [TWICE]) == (0, 0)
    assert cost("Resize", [X, None, (4,)], [X], mode="linear") == (0, 0)


def test_antialias_widens_what_shrinks(cost):
    assert cost("Resize", [(1, 1, 9, 4)], [(1, 1, 3, 8)], mode="linear", antialias=1) == (0, 24 * (2 * (2 * 3) * 2 - 1))


def test_sampling_at_points(cost):
    x, grid, y = (1, 3, 6, 6), (1, 4, 5, 2), (1, 3, 4, 5)
    assert cost("GridSample", [x, grid], [y]) == (0, 60 * 7 + 2 * 40)
    assert cost("GridSample", [x, grid], [y], mode="bicubic") == (0, 60 * 31 + 2 * 40)
    assert cost("GridSample", [x, grid], [y], mode="nearest") == (0, 2 * 40)
    with pytest.raises(Uncountable, match="'area'"):
        cost("GridSample", [x, grid], [y], mode="area")


def test_points_of_other_dimensions_than_the_input_are_not_counted(cost):
    for grid in ((1, 4, 5, 1 << 40), (1, 4, 5, 3), ()):
        with pytest.raises(Uncountable, match="a grid of"):
            cost("GridSample", [(1, 3, 6, 6), grid], [(1, 3, 4, 5)])


def test_affine_grid(cost):
    assert cost("AffineGrid", [(2, 2, 3), (4,)], [(2, 4, 5, 2)]) == (0, 80 * 4)
    assert cost("AffineGrid", [(1, 3, 4), (5,)], [(1, 2, 4, 5, 3)]) == (0, 120 * 6)
