from __future__ import annotations

import pytest


@pytest.mark.parametrize("operator", ["ScatterElements", "ScatterND"])
def test_scatter(cost, operator):
    shapes = [(8, 4), (3, 1), (3, 4)], [(8, 4)]
    assert cost(operator, *shapes) == (0, 0)
    assert cost(operator, *shapes, reduction="add") == (0, 12)


def test_determinant_by_elimination(cost):
    divisions = updates = 0
    n = 5
    for step in range(n):
        for _row in range(step + 1, n):
            divisions += 1
            updates += 2 * (n - step - 1)
    assert cost("Det", [(3, n, n)], [(3,)]) == (0, 3 * (divisions + updates + n - 1))
    assert cost("Det", [(1, 1)], [()]) == (0, 0)


def test_losses(cost):
    assert cost("NegativeLogLikelihoodLoss", [(4, 10), (4,)], [()]) == (0, 8)
    assert cost("SoftmaxCrossEntropyLoss", [(4, 10), (4,)], [()]) == (0, 5 * 40 + 8)


@pytest.mark.parametrize(
    ("operator", "each"),
    [("RandomNormal", 1), ("RandomNormalLike", 1), ("RandomUniform", 1), ("RandomUniformLike", 1), ("Bernoulli", 2)],
)
def test_draws(cost, operator, each):
    assert cost(operator, [(4, 5)], [(4, 5)]) == (0, 20 * each)
