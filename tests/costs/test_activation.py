from __future__ import annotations

import ast

import pytest

# Each function written out; what it costs is the number of operators and calls in it. Numbers alone are folded.
FORMULAS = {
    "Relu": "max(x, 0)",
    "ThresholdedRelu": "select(x > a)",
    "LeakyRelu": "select(x > 0, a * x)",
    "PRelu": "select(x > 0, a * x)",
    "Elu": "select(x > 0, a * (exp(x) - 1))",
    "Selu": "g * select(x > 0, a * (exp(x) - 1))",
    "Celu": "max(x, 0) + min(0, a * (exp(x / a) - 1))",
    "Sigmoid": "1 / (1 + exp(-x))",
    "HardSigmoid": "max(0, min(1, a * x + b))",
    "HardSwish": "x * max(0, min(1, a * x + b))",
    "Swish": "x * (1 / (1 + exp(-x)))",
    "Mish": "x * tanh(log(1 + exp(x)))",
    "Softplus": "log(1 + exp(x))",
    "Softsign": "x / (1 + abs(x))",
    "Shrink": "select(x < a, x + b, x > a)",  # adding or subtracting the bias: one of them per element
    "Gelu": "x * 0.5 * (1 + erf(x / a))",
}


@pytest.mark.parametrize("operator", FORMULAS)
def test_an_activation_costs_what_its_formula_has(cost, operator):
    assert cost(operator, [(2, 3, 5)], [(2, 3, 5)]) == (0, 30 * operations(FORMULAS[operator]))


def operations(formula: str) -> int:
    found = 0
    for part in ast.walk(ast.parse(formula)):
        if isinstance(part, ast.BinOp | ast.UnaryOp | ast.Compare) or (
            isinstance(part, ast.Call) and part.func.id != "select"
        ):
            found += 1
    return found


def test_variants(cost):
    x = [(2, 3, 5)]
    assert cost("Gelu", x, x, approximate="tanh") == (
        0,
        30 * operations("x * 0.5 * (1 + tanh(c * (x + d * (x * x * x))))"),
    )
    assert cost("Swish", x, x, alpha=2.0) == (0, 30 * 6)
    assert cost("SwiGLU", x * 2, x) == (0, 30 * 6)


@pytest.mark.parametrize(("operator", "each"), [("Softmax", 5), ("LogSoftmax", 5), ("Hardmax", 1)])
def test_over_a_row(cost, operator, each):
    assert cost(operator, [(4, 1000)], [(4, 1000)], axis=-1) == (0, 4000 * each)
