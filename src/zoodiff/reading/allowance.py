"""How large a network may be: the limit on its operators, whatever the format of its file."""

from __future__ import annotations

from typing import Final

from zoodiff.fault import Refusal

MOST_OPERATORS: Final = 100_000
"""Most operators of a network."""


class Allowance:
    """How many operators a file may still have, those in subgraphs too."""

    def __init__(self) -> None:
        self.left = MOST_OPERATORS

    def spend(self, operators: int) -> None:
        """Take so many away. Raises Refusal where there are not so many left."""
        self.left -= operators
        if self.left < 0:
            raise Refusal(f"the network has more than {MOST_OPERATORS:,} operators", "That is as many as are read.")
