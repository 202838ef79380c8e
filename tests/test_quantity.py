"""Quantities of one kind calculate exactly; quantities of two kinds refuse."""

from __future__ import annotations

import operator
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoodiff.quantity import ConventionError, Quantity

MACS = Quantity(4_089_184_256, "mac")


@given(st.integers(), st.integers())
def test_it_is_integer_arithmetic(a: int, b: int) -> None:
    left, right = Quantity(a, "flop"), Quantity(b, "flop")
    assert (left + right).value == a + b
    assert (left - right).value == a - b
    assert (left < right) is (a < b)
    assert (left == right) is (a == b)
    if b:
        assert left / right == Fraction(a, b)


@pytest.mark.parametrize("other", [Quantity(1, "flop"), Quantity(1, "mac", "fvcore")], ids=str)
@pytest.mark.parametrize("do", [operator.add, operator.sub, operator.lt, operator.gt, operator.truediv])
def test_two_kinds_do_not_mix(do: object, other: Quantity) -> None:
    with pytest.raises(ConventionError, match="do not count the same thing"):
        do(MACS, other)  # type: ignore[operator]


def test_equal_numbers_of_two_conventions_are_not_equal() -> None:
    assert Quantity(1, "mac") != Quantity(1, "mac", "fvcore")
    assert Quantity(1, "mac") != 1


def test_a_plain_number_has_no_unit() -> None:
    for do in (operator.add, operator.sub, operator.lt):
        with pytest.raises((TypeError, AttributeError)):
            do(MACS, 1)


def test_it_says_what_it_counts() -> None:
    assert str(MACS) == "4,089,184,256 mac (zoodiff)"


def test_nothing_divides_by_zero() -> None:
    with pytest.raises(ZeroDivisionError):
        MACS / Quantity(0, "mac")
