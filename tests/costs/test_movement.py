from __future__ import annotations

import pytest

from zoodiff.costs import movement


@pytest.mark.parametrize("operator", sorted(movement.OPERATORS))
def test_moving_costs_nothing_even_where_shapes_are_unknown(cost, operator):
    assert cost(operator, [(2, 3), (None,)], [(None, 3)]) == (0, 0)
