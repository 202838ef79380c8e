from __future__ import annotations

import pytest

from zoodiff.costs import elementwise


@pytest.mark.parametrize(
    "operator",
    [
        *(elementwise.ARITHMETIC + elementwise.ROUNDING + elementwise.COMPARISONS),
        *(elementwise.LOGIC + elementwise.FUNCTIONS),
    ],
)
def test_one_per_element_of_the_broadcast_result(cost, operator):
    assert cost(operator, [(2, 3, 1), (5,)], [(2, 3, 5)]) == (0, 30)


@pytest.mark.parametrize(("operator", "each"), [("Sum", 2), ("Max", 2), ("Min", 2), ("Mean", 3)])
def test_of_three_tensors(cost, operator, each):
    assert cost(operator, [(4, 5), (4, 5), (5,)], [(4, 5)]) == (0, 20 * each)


def test_clip_compares_once_per_limit(cost):
    assert cost("Clip", [(4, 5), (), ()], [(4, 5)]) == (0, 40)
    assert cost("Clip", [(4, 5), None, ()], [(4, 5)]) == (0, 20)
    assert cost("Clip", [(4, 5), ()], [(4, 5)]) == (0, 20)
    assert cost("Clip", [(4, 5)], [(4, 5)], opset=6, min=0.0, max=6.0) == (0, 40)
