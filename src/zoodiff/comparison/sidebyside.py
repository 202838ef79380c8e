"""Lay two compared networks side by side: rows of facing operators, marked with their causes, equal runs folded."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, NamedTuple

from zoodiff.alignment.order import depths, in_depth
from zoodiff.alignment.sequence import increasing
from zoodiff.alignment.trunk import block_starts, units
from zoodiff.attribution.root import DETAIL
from zoodiff.comparison.aligned import Aligned
from zoodiff.comparison.difference import Difference
from zoodiff.comparison.lanes import Column, column
from zoodiff.reducing.net import Input, Net, Step

ALIKE, CHANGED, MISSING, ADDED, MOVED = "=", "~", "-", "+", "^"
"""A row's mark: a moved operator has a partner that stands in another row."""

_SIDES: Final = {MISSING: "left", ADDED: "right"}

_NEAR: Final = 1
"""Rows shown above and below a change."""
_FEWEST: Final = 4
"""Alike rows that are worth a fold."""
_LONGEST: Final = 8
"""Rows that only one network has and that are all shown."""
_OFTEN: Final = 6
"""Places at which one difference is shown before further ones fold."""

Item = Step | Input


class Part(NamedTuple):
    """A piece of a cell's text."""

    text: str
    differs: bool


class Cell(NamedTuple):
    """What one network has in a row."""

    parts: tuple[Part, ...]
    shape: str
    """what it makes of one image, as 64x112x112; `?` where it is not known, empty where the text says it"""
    facts: tuple[tuple[str, str], ...]
    """all that is known of it, each with what it is called"""

    @property
    def text(self) -> str:
        """The cell in a few words, as "Conv 3x3, 64, /2"."""
        first, *others = [part.text for part in self.parts]
        return f"{first} {', '.join(others)}".rstrip()


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


class Span(NamedTuple):
    """Rows from `start` to before `stop`: one row, or several folded into one."""

    start: int
    stop: int
    mark: str

    @property
    def folded(self) -> bool:
        """Whether it stands for several rows."""
        return self.stop - self.start > 1


@dataclass(frozen=True, slots=True)
class Picture:
    """All that a view draws of a difference."""

    rows: tuple[Row, ...]
    spans: tuple[Span, ...]
    left: Column
    right: Column

    def words(self, span: Span) -> str:
        """What a folded span stands for, as "12 operators, 3 blocks alike"."""
        rows = self.rows[span.start : span.stop]
        operators, blocks = sum(not row.entry for row in rows), sum(row.block for row in rows)
        what = f"{operators} operators" + (f", {blocks} block{'s' * (blocks > 1)}" if blocks else "")
        if span.mark in _SIDES:
            return f"{what} only {_SIDES[span.mark]}"
        marked = sum(row.mark != ALIKE for row in rows)
        if marked:
            return f"{what}; {marked} of them as above"
        sizes = " at other sizes" if any(row.resized for row in rows) else ""
        details = sorted({number for row in rows for number in row.details})
        return f"{what} alike{sizes}" + (f" but for {', '.join(f'#{number}' for number in details)}" if details else "")

    def causes(self, span: Span) -> list[int]:
        """The numbers of the differences that mark rows of a span."""
        return sorted({number for row in self.rows[span.start : span.stop] for number in row.causes})

    def places(self, number: int) -> list[int]:
        """The first row of each run of rows that are part of a difference."""
        found = [at for at, row in enumerate(self.rows) if number in row.causes + row.details]
        return [at for at, before in zip(found, [-2, *found], strict=False) if at != before + 1]


def lay(difference: Difference) -> Picture:
    """Two networks side by side, in an order in which both can run; `lay` of the reverse shows the same turned round.

    Each operator stands in one row. Pairs face each other unless the two networks have them in another order; then each
    stands alone. Facing, too, are the operators that one difference has in one another's place.
    """
    aligned = difference.alignment
    facing = list(_facing(aligned))
    sides = (1, 0) if aligned.turned else (0, 1)
    items = [(pair[sides[0]], pair[sides[1]]) for pair in facing]
    nets = (aligned.right, aligned.left) if aligned.turned else (aligned.left, aligned.right)
    begins = {*_block_firsts(nets[0], [a for a, _ in items]), *_block_firsts(nets[1], [b for _, b in items])}
    rows = tuple(_row(a, b, difference, begins) for a, b in items)
    lines = [_column(net, [pair[side] for pair in items]) for side, net in enumerate(nets)]
    return Picture(rows, tuple(_folded(rows)), *lines)


# ---------------------------------------------------------------- which faces which

Pair = tuple[Item | None, Item | None]


def _facing(aligned: Aligned) -> Iterator[Pair]:
    left, right = aligned.left, aligned.right
    yield from _in_turn(left.inputs, right.inputs)
    yield from _outside(left.preprocessing, right.preprocessing, aligned)
    for mine, theirs, pair in _segments(aligned):
        yield from _gap(mine, theirs, aligned)
        yield from pair
    yield from _outside(left.head[::-1], right.head[::-1], aligned)


def _in_turn(mine: Sequence[Item], theirs: Sequence[Item]) -> Iterator[Pair]:
    common = min(len(mine), len(theirs))
    yield from zip(mine, theirs, strict=False)
    yield from ((item, None) for item in mine[common:])
    yield from ((None, item) for item in theirs[common:])


def _outside(mine: list[Step], theirs: list[Step], aligned: Aligned) -> Iterator[Pair]:
    """What comes before the first and after the last operator that is compared by its place."""
    if [step.op for step in mine] == [step.op for step in theirs]:
        yield from _in_turn(mine, theirs)
    else:
        yield from _gap(mine, theirs, aligned)


def _segments(aligned: Aligned) -> Iterator[tuple[list[Step], list[Step], list[Pair]]]:
    """Pairs that both networks have in one order, each with what either has before it alone."""
    left, right = aligned.left, aligned.right
    mine = in_depth(left, [(depth,) for depth in depths(left)])
    theirs = _following(right, mine, aligned.pairing.right)
    place = {at: rank for rank, at in enumerate(mine)}
    mates = [
        (rank, place[aligned.pairing.right[at]]) for rank, at in enumerate(theirs) if aligned.pairing.right[at] >= 0
    ]
    a = b = 0
    for second, first in increasing(mates):
        pair: list[Pair] = [(left.steps[mine[first]], right.steps[theirs[second]])]
        yield [left.steps[at] for at in mine[a:first]], [right.steps[at] for at in theirs[b:second]], pair
        a, b = first + 1, second + 1
    yield [left.steps[at] for at in mine[a:]], [right.steps[at] for at in theirs[b:]], []


def _following(net: Net, order: list[int], mate: list[int]) -> list[int]:
    """The steps in the order of their partners as far as the wiring lets; those without one before what reads them."""
    rank = {at: place for place, at in enumerate(order)}
    keys = [rank[other] if other >= 0 else -1 for other in mate]
    for step in reversed(net.steps):
        if mate[step.index] < 0:
            keys[step.index] = min([keys[reader] for reader, _ in step.readers], default=-1)
    for step in net.steps:
        if keys[step.index] < 0:
            keys[step.index] = max([keys[source] for source, _ in step.inputs if source >= 0], default=-1)
    waits = [len({source for source, _ in step.inputs if source >= 0}) for step in net.steps]
    ready = [(keys[at], at) for at, count in enumerate(waits) if not count]
    heapq.heapify(ready)
    found = []
    while ready:
        _, at = heapq.heappop(ready)
        found.append(at)
        for reader in {reader for reader, _ in net.steps[at].readers}:
            waits[reader] -= 1
            if not waits[reader]:
                heapq.heappush(ready, (keys[reader], reader))
    return found


def _gap(mine: Sequence[Step], theirs: Sequence[Step], aligned: Aligned) -> Iterator[Pair]:
    """What either network has alone between two pairs: the left column first, but facing what stands in its place."""
    a = b = 0
    for i, j in [*_replacing(mine, theirs, aligned.causes), (len(mine), len(theirs))]:
        alone: list[list[Pair]] = [[(one, None) for one in mine[a:i]], [(None, other) for other in theirs[b:j]]]
        for pairs in reversed(alone) if aligned.turned else alone:
            yield from pairs
        if i < len(mine):
            yield mine[i], theirs[j]
        a, b = i + 1, j + 1


def _replacing(
    mine: Sequence[Step], theirs: Sequence[Step], causes: dict[Step, list[int]]
) -> Iterator[tuple[int, int]]:
    """Operators without a partner that one difference names on both sides."""
    start = 0
    for i, one in enumerate(mine):
        shared = (j for j in range(start, len(theirs)) if {*causes.get(one, ())} & {*causes.get(theirs[j], ())})
        j = next(shared, None)
        if j is not None:
            yield i, j
            start = j + 1


# ---------------------------------------------------------------- rows


def _row(a: Item | None, b: Item | None, difference: Difference, begins: set[Item]) -> Row:
    own, follows = _numbers(a, b, difference)
    details = tuple(number for number in own if difference.differences[number - 1].group == DETAIL)
    causes = tuple(number for number in own if number not in details)
    names = [difference.differences[number - 1].what for number in causes]
    mark = _one_sided(a, b, difference.alignment) or (CHANGED if causes else ALIKE)
    left, right = _parts(a, names), _parts(b, names)
    shared = left.items() & right.items() if mark == CHANGED else left.items() | right.items()
    return Row(
        left=None if a is None else _cell(a, left, shared),
        right=None if b is None else _cell(b, right, shared),
        mark=mark,
        causes=causes,
        details=details,
        follows=follows,
        resized=a is not None and b is not None and _made(a) != _made(b),
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


def _block_firsts(net: Net, items: Iterable[Item | None]) -> Iterator[Item]:
    """The first operator, downwards, of each residual block: of those that read what a block starts from."""
    starts, seen = block_starts(net, units(net)), set[int]()
    for item in items:
        if isinstance(item, Step) and item.index < len(starts) and starts[item.index] == 2:
            source = item.inputs[0][0]
            if source not in seen:
                seen.add(source)
                yield item


def _column(net: Net, items: Sequence[Item | None]) -> Column:
    """The lines of one network's column."""
    place = {item: row for row, item in enumerate(items) if item is not None}
    steps = [*net.steps, *net.head]
    above = {-1 - at: place[given] for at, given in enumerate(net.inputs)}
    above |= {step.inputs[0][0]: place[step] for step in net.preprocessing}  # how these read each other is not known
    above |= {step.index: place[step] for step in steps}
    return column(sorted(place.values()), {place[step]: [above[s] for s, _ in step.inputs] for step in steps})


# ---------------------------------------------------------------- cells


def _made(item: Item) -> tuple[Any, ...]:
    return item.shape if isinstance(item, Input) else (item.channels, item.size)


def _dims(shape: Iterable[int | None] | None) -> str:
    return "?" if shape is None else "x".join("?" if d is None else str(d) for d in shape)


def _parts(item: Item | None, names: list[str]) -> dict[str, str]:
    """The pieces of a cell's text, by the attribute that each one tells; `names` are told in any case."""
    if item is None:
        return {}
    if isinstance(item, Input):
        return {"op": "Input", "input_shape": _dims(item.stated)}
    stated, known = item.stated, {**item.attributes, **item.stated}
    parts = {"op": item.op}
    if stated.get("kernel_shape"):
        parts["kernel_shape"] = _dims(stated["kernel_shape"])
    for name in names:
        if name in known and name not in ("kernel_shape", "out_channels", "strides", "dilations", "group"):
            parts[name] = f"{name} {_text(known[name])}"
    if item.weighted and item.channels is not None:
        parts["out_channels"] = str(item.channels)
    for name, sign in (("strides", "/"), ("dilations", "dilated ")):
        values = stated.get(name, ())
        if name in names or any(value != 1 for value in values):
            parts[name] = sign + (str(values[0]) if len({*values}) == 1 else _dims(values))
    if item.depthwise:
        parts["group"] = "depthwise"
    elif stated.get("group", 1) != 1 or "group" in names:
        parts["group"] = f"{stated.get('group', 1)} groups"
    return parts


def _text(value: Any) -> str:
    return _dims(value) if isinstance(value, tuple) else str(value)


def _cell(item: Item, parts: dict[str, str], shared: Set[tuple[str, str]]) -> Cell:
    shape = "" if isinstance(item, Input) else _dims(item.shape_out and item.shape_out[1:])
    return Cell(tuple(Part(text, (name, text) not in shared) for name, text in parts.items()), shape, (*_facts(item),))


def _facts(item: Item) -> Iterator[tuple[str, str]]:
    if isinstance(item, Input):
        yield from (("input", item.name), ("shape", _dims(item.stated)))
        return
    yield "operator", item.op
    for name, value in {**item.attributes, **item.stated}.items():
        yield name, _text(value)
    if item.weights:
        yield "weights", ", ".join(_dims(shape) or "one number" for shape in item.weights)
    yield "reads", _dims(item.shape_in)
    yield "makes", _dims(item.shape_out)
    if item.macs:
        yield "MACs", f"{item.macs:,}"
    if item.params:
        yield "parameters", f"{item.params:,}"
    yield "tensor", item.name


# ---------------------------------------------------------------- folds


def _folded(rows: Sequence[Row]) -> Iterator[Span]:
    """The rows as spans.

    Long runs fold of rows that say nothing new, but for those next to a change, and of rows that one side alone has.
    """
    start = 0
    new = list(_news(rows))
    for known, run in groupby(range(len(rows)), key=lambda at: (rows[at].mark, rows[at].causes) if new[at] else None):
        stop = start + len(list(run))
        yield from _alike(rows, start, stop) if known is None else _only(rows, start, stop)
        start = stop


def _news(rows: Sequence[Row]) -> Iterator[bool]:
    """Of each row, whether it has a mark whose differences were not all seen at enough places above."""
    seen = Counter[int]()
    for at, row in enumerate(rows):
        seen.update({*row.causes} - {*rows[at - 1].causes} if at else row.causes)
        yield row.mark != ALIKE and (not row.causes or any(seen[number] <= _OFTEN for number in row.causes))


def _alike(rows: Sequence[Row], start: int, stop: int) -> Iterator[Span]:
    first, last = start + _NEAR * (start > 0), stop - _NEAR * (stop < len(rows))
    if last - first < _FEWEST:
        yield from _single(rows, start, stop)
        return
    yield from _single(rows, start, first)
    same = all(row.mark == ALIKE for row in rows[first:last])
    yield Span(first, last, ALIKE if same else CHANGED)
    yield from _single(rows, last, stop)


def _only(rows: Sequence[Row], start: int, stop: int) -> Iterator[Span]:
    if stop - start > _LONGEST and rows[start].mark in _SIDES:
        yield Span(start, stop, rows[start].mark)
    else:
        yield from _single(rows, start, stop)


def _single(rows: Sequence[Row], start: int, stop: int) -> Iterator[Span]:
    return (Span(at, at + 1, rows[at].mark) for at in range(start, stop))
