"""What a row of two networks side by side is: two cells or one, a mark, and the numbers of the differences in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from typing import Final, NamedTuple

from zoodiff.alignment.trunk import block_starts, units
from zoodiff.attribution.root import DETAIL
from zoodiff.comparison.aligned import Aligned
from zoodiff.comparison.cells import Cell, cell_of, made, parts_of
from zoodiff.comparison.difference import Difference
from zoodiff.comparison.facing import Item
from zoodiff.reducing.net import Input, Net, Step

ALIKE, CHANGED, MISSING, ADDED, MOVED = "=", "~", "-", "+", "^"
"""A row's mark: a moved operator has a partner that stands in another row."""
SIDES: Final = {MISSING: "left", ADDED: "right"}
"""The column in which a row of such a mark has its cell."""


class Row(NamedTuple):
    """An operator of the left network, one of the right one, or two that face each other."""

    left: Cell | None
    right: Cell | None
    mark: str
    causes: tuple[int, ...]
    """numbers of the differences that mark it, from 1"""
    details: tuple[int, ...]
    """numbers of those that it is part of and that are details: these mark no row"""
    follows: tuple[int, ...]
    """numbers of the differences that make its cost another as a consequence"""
    resized: bool
    """whether the two make tensors of other sizes"""
    block: bool
    """whether a residual block begins here"""
    entry: bool
    """whether it is an input of the networks and no operator"""


def row_of(a: Item | None, b: Item | None, difference: Difference, begins: Set[Item]) -> Row:
    """The row of an operator, or of two that face each other; `begins` are the first ones of residual blocks."""
    own, follows = _numbers(a, b, difference)
    details = tuple(number for number in own if difference.differences[number - 1].group == DETAIL)
    causes = tuple(number for number in own if number not in details)
    names = [difference.differences[number - 1].what for number in causes]
    mark = _one_sided(a, b, difference.alignment) or (CHANGED if causes else ALIKE)
    left, right = parts_of(a, names), parts_of(b, names)
    shared = left.items() & right.items() if mark == CHANGED else left.items() | right.items()
    return Row(
        left=None if a is None else cell_of(a, left, shared),
        right=None if b is None else cell_of(b, right, shared),
        mark=mark,
        causes=causes,
        details=details,
        follows=follows,
        resized=a is not None and b is not None and made(a) != made(b),
        block=a in begins or b in begins,
        entry=isinstance(a, Input) or isinstance(b, Input),
    )


def _numbers(a: Item | None, b: Item | None, difference: Difference) -> tuple[list[int], tuple[int, ...]]:
    """The differences that a row is part of, and those that have a consequence in it."""
    if isinstance(a, Input) or isinstance(b, Input):
        same = isinstance(a, Input) and isinstance(b, Input) and a.shape == b.shape
        return [n for n, cause in enumerate(difference.differences, start=1) if cause.kind == "input" and not same], ()
    aligned, steps = difference.alignment, [step for step in (a, b) if step is not None]
    own = sorted({number for step in steps for number in aligned.causes.get(step, ())})
    after = {number for step in steps for number in aligned.follows.get(step, ())}
    return own, tuple(sorted(after - {*own}))


def _one_sided(a: Item | None, b: Item | None, aligned: Aligned) -> str:
    """The mark of a row with one cell; empty where there are two."""
    if a is not None and b is not None:
        return ""
    left, right = (b, a) if aligned.turned else (a, b)
    if _paired(left, aligned.left, aligned.pairing.left) or _paired(right, aligned.right, aligned.pairing.right):
        return MOVED
    return MISSING if b is None else ADDED


def _paired(item: Item | None, net: Net, mates: list[int]) -> bool:
    if not isinstance(item, Step) or item.index >= len(mates):
        return False
    return net.steps[item.index] is item and mates[item.index] >= 0


def block_firsts(net: Net, items: Iterable[Item | None]) -> Iterator[Item]:
    """The first operator, downwards, of each residual block: of those that read what a block starts from."""
    starts, seen = block_starts(net, units(net)), set[int]()
    for item in items:
        if isinstance(item, Step) and item.index < len(starts) and starts[item.index] == 2:
            source = item.inputs[0][0]
            if source not in seen:
                seen.add(source)
                yield item
