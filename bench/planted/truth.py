"""What was planted: the changes of a pair, in the form in which the pairs of others state them too."""

from __future__ import annotations

from typing import Any

import msgspec


class Change(msgspec.Struct, kw_only=True):
    """One planted change, by the words of the `diff` contract."""

    mutation: str
    what: str
    op: str
    nodes: list[str]
    """first outputs in `a`; for what was inserted, in `b` before its disguise"""
    left: Any = None
    right: Any = None
    count: int = 1
    pair: bool = False
    """the value moved from the first of `nodes` to the second"""
    companions: list[str] = []
    """operators that came or went with it: rows about them are right and not asked for"""
    group: str = "architecture"
    also: dict[str, list[Any]] = {}
    """other right spellings: of `op`, `what`, `left` and `right`"""
    places: list[list[str]] = []
    """where nodes cannot be told from others: sets within which the nodes of the row have to lie"""

    @property
    def kind(self) -> str:
        """The kind that the contract gives it: `input`, `added`, `missing` or `changed`."""
        if self.op == "Input":
            return "input"
        return "added" if self.left is None else "missing" if self.right is None else "changed"


class Truth(msgspec.Struct, kw_only=True):
    """What is known about a pair: `b` is `base` with these mutations under these disguises."""

    base: str
    mutations: list[Change]
    disguises: list[str]
    macs: list[int]
    """of `a` and of `b`"""
    params: list[int]
    renamed: dict[str, str] | None = None
    """what nodes are called in `b`, by their first outputs before the disguise; None where that is not known"""
