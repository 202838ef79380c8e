"""Numbers compare at the digits that are printed, and JSON has them as text."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from zoodiff.record import Unmeasured
from zoodiff.survey.judge import grade, plain
from zoodiff.survey.then import Between


@pytest.mark.parametrize(
    ("printed", "ours", "measured", "expected"),
    [
        ("2.62", Decimal("2.62"), False, "same"),
        ("1.23", Decimal("1.2349"), False, "same"),
        ("1.23", Decimal("1.235"), False, "different"),
        ("2.31", Decimal("2.3163"), True, "last digit"),
        ("2.31", Decimal("2.3163"), False, "different"),
        ("2.31", Decimal("2.3263"), True, "different"),
        ("34", Fraction(1200, 35), False, "same"),
        ("33", Fraction(600, 15), False, "different"),
        (12, 12, False, "same"),
        (12, 11, True, "different"),
        (True, True, False, "same"),
        (True, False, False, "different"),
        (8, Between(Decimal(7), Decimal(9), ""), False, "not known"),
        ("9", Between(Decimal("5.9"), Decimal("8.9"), ""), True, "not known"),
        ("78", Between(Decimal("66.7"), Decimal("74.1"), ""), False, "different"),
        ("1.23", Unmeasured("no claim"), False, "not known"),
    ],
)
def test_numbers_compare_at_the_digits_that_are_printed(printed: Any, ours: Any, measured: bool, expected: str) -> None:
    assert grade(printed, ours, measured=measured) == expected


def test_json_has_decimals_as_text() -> None:
    assert plain({"a": (Decimal("0.960"), Fraction(1, 3)), "b": [True, 3]}) == {
        "a": ["0.960", "0.3333"],
        "b": [True, 3],
    }
    assert plain(Decimal("1E+3")) == "1000"
    assert plain(Unmeasured("why")) == {"unknown": "why"}
