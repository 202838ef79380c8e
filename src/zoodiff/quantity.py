"""Numbers that know their unit and their counting convention: mixing two conventions raises instead of misleading."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


class ConventionError(TypeError):
    """Two quantities of different units or conventions were subtracted, added or compared."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """An exact integer with its unit and convention.

    `unit` is what is counted (`mac`, `flop`, `parameter`, `byte`, `element`); `convention` is how (`zoodiff`, or a
    tool's name). Arithmetic and comparison need both to be equal.
    """

    value: int
    unit: str
    convention: str = "zoodiff"

    def _same(self, other: Quantity) -> None:
        if (self.unit, self.convention) != (other.unit, other.convention):
            raise ConventionError(f"{self} and {other} do not count the same thing")

    def __add__(self, other: Quantity) -> Quantity:
        self._same(other)
        return Quantity(self.value + other.value, self.unit, self.convention)

    def __sub__(self, other: Quantity) -> Quantity:
        self._same(other)
        return Quantity(self.value - other.value, self.unit, self.convention)

    def __lt__(self, other: Quantity) -> bool:
        self._same(other)
        return self.value < other.value

    def __truediv__(self, other: Quantity) -> Fraction:
        """The exact ratio; a zero divisor raises ZeroDivisionError."""
        self._same(other)
        return Fraction(self.value, other.value)

    def __str__(self) -> str:
        return f"{self.value:,} {self.unit} ({self.convention})"
