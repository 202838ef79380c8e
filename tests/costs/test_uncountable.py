from __future__ import annotations

import pytest

from zoodiff.costs import uncountable
from zoodiff.costs._cost import Uncountable, functions, roles


@pytest.mark.parametrize("operator", uncountable.REASONS)
def test_the_reason_is_told(cost, operator):
    with pytest.raises(Uncountable, match=uncountable.REASONS[operator]):
        cost(operator, [(1, 10, 4), (1, 3, 10)], [(None, 3)])


def test_every_operator_of_onnx_has_a_cost_or_a_reason():
    import onnx.defs

    known = {schema.name for schema in onnx.defs.get_all_schemas() if schema.domain == ""}
    assert sorted(known - functions().keys()) == []


def test_roles_are_of_operators_that_are_listed():
    assert roles().keys() <= functions().keys()
