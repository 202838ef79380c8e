from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("operator", "row"),  # of 8 numbers
    [
        *[(f"Reduce{name}", 7) for name in ("Sum", "Max", "Min", "Prod")],
        ("ReduceMean", 7 + 1),
        ("ReduceL1", 8 + 7),
        ("ReduceL2", 8 + 7 + 1),
        ("ReduceSumSquare", 8 + 7),
        ("ReduceLogSum", 7 + 1),
        ("ReduceLogSumExp", 8 + 7 + 1),
        ("ArgMax", 7),
        ("ArgMin", 7),
    ],
)
def test_rows_of_eight(cost, operator, row):
    assert cost(operator, [(3, 8, 5)], [(3, 1, 5)]) == (0, 15 * row)


@pytest.mark.parametrize("operator", ["CumSum", "CumProd", "NonZero"])
def test_one_per_element(cost, operator):
    assert cost(operator, [(3, 8)], [(3, 8)]) == (0, 24)


@pytest.mark.parametrize(("k", "depth"), [(1, 1), (5, 3), (7, 3), (8, 4)])
def test_the_best_k_pass_a_heap(cost, k, depth):
    assert cost("TopK", [(2, 1000), (1,)], [(2, k), (2, k)]) == (0, 2000 * depth)
    assert cost("TopK", [(1000, 2), (1,)], [(k, 2), (k, 2)], axis=0) == (0, 2000 * depth)


def test_unique_sorts(cost):
    assert cost("Unique", [(10,)], [(None,)]) == (0, 10 * 4)
    assert cost("Unique", [(16,)], [(None,)]) == (0, 16 * 4)
    assert cost("Unique", [(0,)], [(0,)]) == (0, 0)
