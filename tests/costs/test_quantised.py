from __future__ import annotations

import pytest

SCALAR = ()


@pytest.mark.parametrize(("x", "w", "y", "attributes"), [((1, 3, 9, 9), (4, 3, 3, 3), (1, 4, 7, 7), {})])
def test_integer_convolution(cost, terms, x, w, y, attributes):
    assert cost("ConvInteger", [x, w], [y]) == (terms("ConvInteger", [x, w], dtype="uint8"), 0)


def test_integer_matmul(cost, terms):
    assert cost("MatMulInteger", [(2, 3, 4), (4, 5)], [(2, 3, 5)]) == (
        terms("MatMulInteger", [(2, 3, 4), (4, 5)], dtype="uint8"),
        0,
    )


def test_quantised_convolution_is_the_plain_one_and_requantisation(cost):
    x, w, y = (1, 6, 8, 8), (12, 2, 3, 3), (1, 12, 6, 6)
    plain = cost("Conv", [x, w, (12,)], [y], group=3)
    inputs = [x, SCALAR, SCALAR, w, (12,), (12,), SCALAR, SCALAR]
    for name in ("QLinearConv", "com.microsoft::QLinearConv"):
        assert cost(name, [*inputs, (12,)], [y], group=3) == (plain.macs, plain.other + 4 * 12 * 36)
        assert cost(name, inputs, [y], group=3) == (plain.macs, 4 * 12 * 36)


def test_quantised_matmul(cost):
    inputs = [(2, 3, 4), SCALAR, SCALAR, (4, 5), SCALAR, SCALAR, SCALAR, SCALAR]
    assert cost("QLinearMatMul", inputs, [(2, 3, 5)]) == (2 * 3 * 5 * 4, 4 * 30)


@pytest.mark.parametrize("domain", ["", "com.microsoft::"])
def test_conversion(cost, domain):
    # x / scale, round, + zero point, saturate; and (x - zero point) * scale
    assert cost(f"{domain}QuantizeLinear", [(3, 5), SCALAR, SCALAR], [(3, 5)]) == (0, 4 * 15)
    assert cost(f"{domain}DequantizeLinear", [(3, 5), SCALAR, SCALAR], [(3, 5)]) == (0, 2 * 15)


def test_dynamic_conversion_finds_the_range_first(cost):
    assert cost("DynamicQuantizeLinear", [(3, 5)], [(3, 5), SCALAR, SCALAR]) == (0, (2 + 4) * 15)
