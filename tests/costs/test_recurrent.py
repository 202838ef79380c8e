from __future__ import annotations

import pytest

from zoodiff.costs._cost import Uncountable

STEPS, BATCH, WIDTH, STATE = 7, 2, 10, 16


@pytest.mark.parametrize(("operator", "gates"), [("RNN", 1), ("GRU", 3), ("LSTM", 4)])
@pytest.mark.parametrize("directions", [1, 2])
def test_products_step_by_step(cost, operator, gates, directions):
    macs = 0
    for _direction in range(directions):
        for _step in range(STEPS):
            for _gate in range(gates):
                macs += cost("MatMul", [(BATCH, WIDTH), (WIDTH, STATE)], [(BATCH, STATE)]).macs
                macs += cost("MatMul", [(BATCH, STATE), (STATE, STATE)], [(BATCH, STATE)]).macs
    assert cost(operator, *shapes(gates, directions)).macs == macs


def shapes(gates, directions=1, bias=False, peepholes=False):
    w, r = (directions, gates * STATE, WIDTH), (directions, gates * STATE, STATE)
    b = (directions, 2 * gates * STATE) if bias else None
    inputs = [(STEPS, BATCH, WIDTH), w, r, b, None, None, None, (directions, 3 * STATE) if peepholes else None]
    return inputs, [(STEPS, directions, BATCH, STATE)]


@pytest.mark.parametrize(
    ("operator", "gates", "formula"),
    [
        ("RNN", 1, 1 + 1),  # sum of the products, tanh
        # z, r: sum and sigmoid; h: sum and tanh, r * h; H = (1 - z) * h + z * H
        ("GRU", 3, (1 + 4) * 2 + (1 + 1) + 1 + 4),
        # i, o, f: sum and sigmoid; c: sum and tanh; C = f * C + i * c; H = o * tanh(C)
        ("LSTM", 4, (1 + 4) * 3 + (1 + 1) + 3 + 2),
    ],
)
def test_other_operations(cost, operator, gates, formula):
    elements = STEPS * BATCH * STATE
    assert cost(operator, *shapes(gates)).other == elements * formula
    assert cost(operator, *shapes(gates, bias=True)).other == elements * (formula + 2 * gates)


def test_peepholes_belong_to_lstm(cost):
    elements = STEPS * BATCH * STATE
    assert cost("LSTM", *shapes(4, peepholes=True)).other - cost("LSTM", *shapes(4)).other == elements * 6


def test_batch_first_costs_the_same(cost):
    (x, *rest), out = shapes(4)
    assert cost("LSTM", [(BATCH, STEPS, WIDTH), *rest], out, layout=1) == cost("LSTM", [x, *rest], out)


def test_rows_that_are_not_whole_gates(cost):
    with pytest.raises(Uncountable, match="3 gates"):
        cost("GRU", [(STEPS, BATCH, WIDTH), (1, 16, WIDTH), (1, 16, STATE)], [(STEPS, 1, BATCH, STATE)])
