"""Pair the steps of two networks by structure alone: hashes from both ends first, then what lies between.

Names, order and layout are never looked at. Every step has labels in tiers, from strict to loose. A step's forward hash
is that of its label and its inputs' hashes, its backward hash that of its label and its readers'; equal hashes on both
sides of a change anchor the pairing, neighbours of pairs extend it, and in the gaps that are left the two sequences are
aligned (see `zoodiff.sequence`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Final, NamedTuple

import numpy as np

from zoodiff.components import Ends, components, ends
from zoodiff.labels import TIERS, label
from zoodiff.net import COMMUTATIVE, Net, Step
from zoodiff.sequence import Table, aligned, increasing
from zoodiff.trunk import block_starts, units

_REPAIRS: Final = 8
"""Most rounds in which pairs change partners."""

CELLS: Final = 20_000_000
"""Largest table of one alignment between anchors."""
_CHOICE: Final = 64
"""Most steps that are looked at for the likest, where many are alike to the very ends."""


class Pairing(NamedTuple):
    """Which step of the left network is which of the right one; -1: none."""

    left: list[int]
    right: list[int]

    def pairs(self) -> Iterator[tuple[int, int]]:
        """The pairs, in the left network's order."""
        return ((a, b) for a, b in enumerate(self.left) if b >= 0)

    @property
    def whole(self) -> bool:
        """Whether every step of both networks has a partner."""
        return min(self.left, default=0) >= 0 and min(self.right, default=0) >= 0


def align(left: Net, right: Net, *, by_units: bool = True) -> Pairing:
    """Pair the steps of two networks; near-linear in their size unless they have little in common.

    With `by_units`, what lies between the tensors that everything passes through is paired as a whole first: right
    where a block is gone from among its like, wrong where all blocks are other ones.
    """
    return _Aligner(left, right).run(by_units)


class _Side:
    """One network's labels and hashes."""

    def __init__(self, net: Net, numbers: dict[Hashable, int]) -> None:
        self.net, self.steps = net, net.steps
        self.outputs = [port[0] for port in net.outputs]
        self.labels = [
            [numbers.setdefault((tier, label(step, tier)), len(numbers)) for step in net.steps] for tier in range(TIERS)
        ]
        self.mate = [-1] * len(net.steps)
        self.settled = [False] * len(net.steps)
        """steps of units that have their like: they keep their partners"""
        self.order = list(range(len(net.steps)))
        self.units = units(net)
        self.starts = block_starts(net, self.units)
        self.home = [-1] * len(net.steps)
        """which unit each step is in; -1: none"""
        for number, unit in enumerate(self.units):
            for at in unit:
                self.home[at] = number

    def forward(self, tier: int, *, local: bool = False) -> list[int]:
        """Per step, the hash of its label and of all that it is made of; `local`: within its unit."""
        labels, hashes, home = self.labels[tier], [0] * len(self.steps), self.home
        for at, step in enumerate(self.steps):
            inputs = [(hashes[source] if source >= 0 else source, port) for source, port in step.inputs]
            if local:
                inputs = [
                    pair if s >= 0 and home[s] == home[at] else (0, 0)
                    for pair, (s, _) in zip(inputs, step.inputs, strict=True)
                ]
            if step.op in COMMUTATIVE:
                inputs.sort()
            hashes[at] = hash((labels[at], tuple(inputs)))
        return hashes

    def backward(self, tier: int, *, local: bool = False) -> list[int]:
        """Per step, the hash of its label and of all that is made of it; `local`: within its unit."""
        labels, hashes, home = self.labels[tier], [0] * len(self.steps), self.home
        ends = Counter[int]() if local else Counter(self.outputs)
        for at in range(len(self.steps) - 1, -1, -1):
            near = [(r, place) for r, place in self.steps[at].readers if not local or home[r] == home[at]]
            readers = sorted([(hashes[reader], place) for reader, place in near])
            hashes[at] = hash((labels[at], tuple(readers), ends[at]))
        return hashes


def _twins(side: _Side, steps: list[int]) -> bool:
    """Whether steps read the same and are read by the same: then any is as good as another."""
    first = side.steps[steps[0]]
    readers = sorted(first.readers)
    others = [side.steps[at] for at in steps[1:]]
    return all(step.inputs == first.inputs and sorted(step.readers) == readers for step in others)


def in_depth(net: Net, rank: Sequence[Hashable]) -> list[int]:
    """The steps depth first from the outputs, branches together; a commutative operator's inputs by `rank`."""
    seen = [False] * len(net.steps)
    order: list[int] = []
    for output, _ in net.outputs:
        stack = [(output, False)]
        while stack:
            at, done = stack.pop()
            if done:
                order.append(at)
            elif at >= 0 and not seen[at]:
                seen[at] = True
                stack.append((at, True))
                sources = [source for source, _ in net.steps[at].inputs]
                if net.steps[at].op in COMMUTATIVE and len(sources) > 1:
                    sources.sort(key=lambda source: rank[source] if source >= 0 else (source,))  # type: ignore[arg-type,return-value]
                stack.extend((source, False) for source in sources)
    return order + [at for at in range(len(net.steps)) if not seen[at]]


def _depths(net: Net) -> list[int]:
    """Per step, the longest way from an input."""
    depths: list[int] = []
    for step in net.steps:
        depths.append(1 + max([depths[source] for source, _ in step.inputs if source >= 0], default=0))
    return depths


def _branches(net: Net, ranks: Sequence[int | None]) -> list[tuple[int, int]]:
    """Per step, how its branch sorts among its neighbours: by the rank nearest above it, else the deepest first."""
    found: list[tuple[int, int]] = []
    for at, depth in enumerate(_depths(net)):
        rank = ranks[at]
        above = [found[source][0] for source, _ in net.steps[at].inputs if source >= 0]
        found.append((rank if rank is not None else max(above, default=-1), -depth))
    return found


def _neighbours(side: _Side, other: _Side, at: int, partner: int) -> tuple[int, int]:
    """How many of what two steps read, and of what reads them, are paired with each other."""
    sources = {source for source, _ in other.steps[partner].inputs}
    readers = {reader for reader, _ in other.steps[partner].readers}
    up = sum(1 for s, _ in side.steps[at].inputs if (side.mate[s] in sources if s >= 0 else s in sources))
    return up, sum(1 for reader, _ in side.steps[at].readers if side.mate[reader] in readers)


def _turn(side: _Side, down: bool) -> Iterable[int]:
    """A network's steps from its beginning, or from its end."""
    return range(len(side.steps)) if down else range(len(side.steps) - 1, -1, -1)


class _Aligner:
    def __init__(self, left: Net, right: Net) -> None:
        numbers: dict[Hashable, int] = {}
        self.a, self.b = _Side(left, numbers), _Side(right, numbers)

    def run(self, by_units: bool) -> Pairing:
        self._both(0)
        if not self._over and self._one_but_for_sizes():
            self._both(1)
        if by_units:
            self._chains()
        for tier in (0, 1):
            self._anchor(tier)
        self._orders()
        for tier in (2, 3, 4):
            self._both(tier)
        self._gaps()
        self._slide(self.a, self.b)
        self._slide(self.b, self.a)
        for tier in (1, 2, 3, 4):
            self._grow(tier)
        self._undo()
        for tier in (1, 2, 3, 4):
            self._grow(tier, one_end=tier < 4)
        self._in_place()
        for _ in range(_REPAIRS):
            if not self._repair(3, 2) and not self._repair(2, 3):
                break
        return Pairing(self.a.mate, self.b.mate)

    def _one_but_for_sizes(self) -> bool:
        """Whether the two are one network but for channels and sizes: then these must not lead astray."""
        return Counter(self.a.forward(1)) == Counter(self.b.forward(1))

    def _orders(self) -> None:
        """Put the steps in order: the deepest branch first, on the right as their partners on the left."""
        self.a.order = in_depth(self.a.net, [(-d,) for d in _depths(self.a.net)])
        rank = {at: place for place, at in enumerate(self.a.order)}
        ranks = [rank[mate] if mate >= 0 else None for mate in self.b.mate]
        self.b.order = in_depth(self.b.net, _branches(self.b.net, ranks))

    @property
    def _over(self) -> bool:
        """Whether one of the two networks has no step left without a partner."""
        return min(self.a.mate, default=0) >= 0 or min(self.b.mate, default=0) >= 0

    def pair(self, a: int, b: int) -> None:
        self.a.mate[a], self.b.mate[b] = b, a

    # ------------------------------------------------------------ units

    def _chains(self) -> None:
        """Align the chains of units, and pair what units that are paired have in common."""
        if self._over:
            return
        a, b = self.a.units, self.b.units
        types: list[list[int]] = [
            [hashes[unit[-1]] for unit in side.units]
            for side, hashes in ((side, side.forward(0, local=True)) for side in (self.a, self.b))
        ]
        first, last = _common(*types)
        pairs = [(k, k) for k in range(first)] + [(len(a) - k, len(b) - k) for k in range(1, last + 1)]
        mine, theirs = range(first, len(a) - last), range(first, len(b) - last)
        if mine and theirs and len(mine) * len(theirs) <= CELLS:
            pairs += self._units(list(mine), list(theirs), types)
        self._inside(pairs)
        for one, other in pairs:
            if len(a[one]) == len(b[other]):
                for side, unit in ((self.a, a[one]), (self.b, b[other])):
                    for at in unit:
                        side.settled[at] = side.mate[at] >= 0

    def _units(self, mine: list[int], theirs: list[int], types: list[list[int]]) -> list[tuple[int, int]]:
        a, b = [self.a.units[k] for k in mine], [self.b.units[k] for k in theirs]
        score = self._scores([unit[-1] for unit in a], [unit[-1] for unit in b])
        big_a, big_b = [len(unit) > 1 for unit in a], [len(unit) > 1 for unit in b]
        score[np.array(big_a)[:, None] != np.array(big_b)[None, :]] = -np.inf
        if any(big_a) and any(big_b):
            rows, columns = np.flatnonzero(big_a), np.flatnonzero(big_b)
            score[np.ix_(rows, columns)] = self._sections(
                [a[i] for i in rows], [b[j] for j in columns],
                [types[0][mine[i]] for i in rows], [types[1][theirs[j]] for j in columns],
            )  # fmt: skip
        open_a, open_b = _opening(self.a, [u[0] for u in a]), _opening(self.b, [u[0] for u in b])
        return [(mine[i], theirs[j]) for i, j in aligned(score, open_a, open_b)]

    def _sections(self, a: list[list[int]], b: list[list[int]], types_a: list[int], types_b: list[int]) -> Table:
        """How alike units of several steps are: the worth of the labels that they share; -inf below the half."""
        first_a, first_b = ({kind: at for at, kind in enumerate(types)} for types in (types_a, types_b))
        columns: dict[tuple[int, Hashable], int] = {}
        rows_a = [self._worths(self.a, a[at], columns) for at in first_a.values()]
        rows_b = [self._worths(self.b, b[at], columns) for at in first_b.values()]
        table_a, table_b = _dense(rows_a, len(columns)), _dense(rows_b, len(columns))
        found = np.stack([np.minimum(row, table_b).sum(1) for row in table_a])
        whole = np.maximum(table_a.sum(1)[:, None], table_b.sum(1)[None, :])
        same = np.array(list(first_a))[:, None] == np.array(list(first_b))[None, :]
        found = np.where(2 * found >= whole, np.where(same, found, found - _WIRING), -np.inf)
        place_a, place_b = ({kind: at for at, kind in enumerate(first)} for first in (first_a, first_b))
        return found[np.ix_([place_a[kind] for kind in types_a], [place_b[kind] for kind in types_b])]

    def _worths(self, side: _Side, unit: list[int], columns: dict[tuple[int, Hashable], int]) -> dict[int, float]:
        found: dict[int, float] = defaultdict(float)
        for at in unit:
            step = side.steps[at]
            for tier, worth in _AGREEMENT:
                found[columns.setdefault((tier, side.labels[tier][at]), len(columns))] += worth * _worth(step)
        return found

    def _inside(self, pairs: list[tuple[int, int]]) -> None:
        numbers = [[-1] * len(side.units) for side in (self.a, self.b)]
        for number, (one, other) in enumerate(pairs):
            numbers[0][one], numbers[1][other] = number, number
            x, y = self.a.units[one][-1], self.b.units[other][-1]
            if self.a.mate[x] < 0 and self.b.mate[y] < 0 and self.a.labels[4][x] == self.b.labels[4][y]:
                self.pair(x, y)
        for tier in range(TIERS):
            if self._over:
                return
            keys = [
                [
                    (numbers[which][home], f, b) if home >= 0 and numbers[which][home] >= 0 else None
                    for home, f, b in zip(
                        side.home, side.forward(tier, local=True), side.backward(tier, local=True), strict=True
                    )
                ]
                for which, side in enumerate((self.a, self.b))
            ]
            self._by(*keys, twins=True)
            for part in (1, 2):
                self._by(*([key and (key[0], key[part]) for key in mine] for mine in keys))
            self._grow(tier)

    # ------------------------------------------------------------ anchors

    def _anchor(self, tier: int) -> None:
        if self._over:
            return
        fa, fb, ba, bb = self.a.forward(tier), self.b.forward(tier), self.a.backward(tier), self.b.backward(tier)
        self._by(list(zip(fa, ba, strict=True)), list(zip(fb, bb, strict=True)), twins=True)
        self._grow(tier)
        self._by(fa, fb)
        self._grow(tier)
        self._by(ba, bb)
        self._grow(tier)

    def _both(self, tier: int) -> None:
        if self._over:
            return
        a = list(zip(self.a.forward(tier), self.a.backward(tier), strict=True))
        self._by(a, list(zip(self.b.forward(tier), self.b.backward(tier), strict=True)), twins=True)

    def _by(self, keys_a: Sequence[Hashable], keys_b: Sequence[Hashable], *, twins: bool = False) -> None:
        """Pair the steps whose key is unique on either side; with `twins` also those that are alike, any with any."""
        left, right = self._free(self.a, keys_a), self._free(self.b, keys_b)
        several = []
        for key, mine in left.items():
            theirs = right.get(key)
            if theirs is None:
                continue
            if len(mine) == len(theirs) == 1:
                self.pair(mine[0], theirs[0])
            elif twins and len(mine) == len(theirs):
                several.append((mine, theirs))
        self._any_with_any(several)

    def _any_with_any(self, several: list[tuple[list[int], list[int]]]) -> None:
        """Pair steps that are alike to the very ends, by class: as their neighbours are paired, else any with any.

        What hangs on a choice follows it: of two branches that are alike, all steps go with one branch of the others.
        """
        classes = [
            {at: number for number, members in enumerate(side) for at in members}
            for side in ([mine for mine, _ in several], [theirs for _, theirs in several])
        ]
        steps, mate = self.a.steps, self.a.mate
        near = {at for a in classes[0] for at, _ in (*steps[a].inputs, *steps[a].readers) if at >= 0 and mate[at] >= 0}
        self._spread(sorted(near), *classes)
        for mine, theirs in several:
            rest, near_by = iter(theirs), list[int]()
            for a in mine:
                if mate[a] < 0:
                    near_by = [b for b in near_by if self.b.mate[b] < 0]
                    free = (b for b in rest if self.b.mate[b] < 0)
                    near_by += islice(free, _CHOICE - len(near_by))
                    self.pair(a, self._likest(a, near_by))
                    self._spread([a], *classes)

    def _likest(self, a: int, among: Iterable[int]) -> int:
        """The first of some steps that no other is more like a step than, nor more agreed upon by its neighbours."""
        step = self.a.steps[a]
        settled = [at for at, _ in (*step.inputs, *step.readers) if at < 0 or self.a.mate[at] >= 0]
        most, best, found = (TIERS + 2, len(settled)), (-1, -1), -1
        for b in among:
            score = self._alike_to(a, b), self._agreement(a, b)
            if score > best:
                best, found = score, b
            if score == most:
                break
        return found

    def _spread(self, waiting: list[int], classes_a: dict[int, int], classes_b: dict[int, int]) -> None:
        """From pairs on, pair neighbours that are the only ones of their class on either side."""
        while waiting:
            a = waiting.pop()
            left, right = self.a.steps[a], self.b.steps[self.a.mate[a]]
            for near_a, near_b in ((left.inputs, right.inputs), (left.readers, right.readers)):
                mine, theirs = self._by_class(self.a, near_a, classes_a), self._by_class(self.b, near_b, classes_b)
                for number, members in mine.items():
                    others = theirs.get(number, [])
                    if len(members) == len(others) == 1:
                        self.pair(members[0], others[0])
                        waiting.append(members[0])

    @staticmethod
    def _by_class(side: _Side, near: Iterable[tuple[int, int]], classes: dict[int, int]) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for at in dict.fromkeys(at for at, _ in near if at in classes and side.mate[at] < 0):
            found.setdefault(classes[at], []).append(at)
        return found

    def _alike_to(self, a: int, b: int) -> int:
        """At how many tiers two steps have the same label, and whether as many channels and the same size."""
        left, right = self.a.steps[a], self.b.steps[b]
        tiers = sum(mine[a] == theirs[b] for mine, theirs in zip(self.a.labels, self.b.labels, strict=True))
        return tiers + (left.channels == right.channels) + (left.size == right.size)

    def _free(self, side: _Side, keys: Sequence[Hashable]) -> dict[Hashable, list[int]]:
        found: dict[Hashable, list[int]] = defaultdict(list)
        for at in side.order:
            if side.mate[at] < 0 and keys[at] is not None:
                found[keys[at]].append(at)
        return found

    def _agreement(self, a: int, b: int) -> int:
        """How many neighbours of two steps are paired with each other."""
        return sum(_neighbours(self.a, self.b, a, b))

    # ------------------------------------------------------------ growing

    def _grow(self, tier: int, *, one_end: bool = False) -> None:
        """Extend the pairing to the neighbours of pairs, where there is one candidate each and it fits.

        With `one_end` a pair may be contradicted on its other side, where something was put in or taken out.
        """
        waiting = self._rim()
        while waiting:
            a = waiting.pop()
            b = self.a.mate[a]
            left, right = self.a.steps[a], self.b.steps[b]
            waiting += self._extend([r for r, _ in left.readers], [r for r, _ in right.readers], tier, one_end)
            if left.op == right.op not in COMMUTATIVE and len(left.inputs) == len(right.inputs) > 1:
                for (s, _), (t, _) in zip(
                    left.inputs, right.inputs, strict=True
                ):  # queries and keys: alike but for place
                    waiting += self._extend([s], [t], tier, one_end) if s >= 0 and t >= 0 else []
            above = [s for s, _ in left.inputs if s >= 0]
            waiting += self._extend(above, [s for s, _ in right.inputs if s >= 0], tier, one_end)

    def _rim(self) -> list[int]:
        """The paired steps of the left network beside those without a partner; none where the right has all paired."""
        if self._over:
            return []
        near = (
            other
            for step in self.a.steps
            if self.a.mate[step.index] < 0
            for other, _ in (*step.inputs, *step.readers)
            if other >= 0
        )
        return sorted({at for at in near if self.a.mate[at] >= 0})

    def _extend(self, near_a: list[int], near_b: list[int], tier: int, one_end: bool) -> list[int]:
        mine = self._candidates(self.a, near_a, tier)
        theirs = self._candidates(self.b, near_b, tier) if mine else {}
        grown = []
        for key, steps in mine.items():
            others = theirs.get(key, [])
            if len(steps) != len(others) or not _twins(self.a, steps) or not _twins(self.b, others):
                continue
            if self._fits(steps[0], others[0], tier, one_end):
                for one, other in zip(steps, others, strict=True):
                    self.pair(one, other)
                grown += steps
        return grown

    def _candidates(self, side: _Side, near: list[int], tier: int) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for at in dict.fromkeys(near):
            if side.mate[at] < 0:
                found.setdefault(side.labels[tier][at], []).append(at)
        return found

    def _fits(self, a: int, b: int, tier: int, one_end: bool) -> bool:
        """Whether nothing that is paired already speaks against a pair; loose tiers need both ends to agree."""
        mate, left, right = self.a.mate, self.a.steps[a], self.b.steps[b]
        above, below = {s for s, _ in right.inputs}, {r for r, _ in right.readers}
        up = [mate[s] if s >= 0 else s for s, _ in left.inputs if s < 0 or mate[s] >= 0]
        down = [mate[r] for r, _ in left.readers if mate[r] >= 0]
        agree_up, agree_down = sum(m in above for m in up), sum(m in below for m in down)
        if not left.readers and not right.readers and a in self.a.outputs and b in self.b.outputs:
            agree_down = 1  # both end where the network ends
        whole_up, whole_down = agree_up == len(up), agree_down >= len(down)
        if one_end:
            return (whole_up and agree_up > 0) or (whole_down and agree_down > 0)
        if not (whole_up and whole_down):
            return False
        return tier < 4 or (agree_up > 0 and agree_down > 0)

    # ------------------------------------------------------------ gaps

    def _gaps(self) -> None:
        """Align what is left between anchors, in canonical order."""
        rank_b = {at: place for place, at in enumerate(self.b.order)}
        chain = increasing([(a, rank_b[self.a.mate[a]]) for a in self.a.order if self.a.mate[a] >= 0])
        rank_a = {at: place for place, at in enumerate(self.a.order)}
        stops = [(rank_a[a], b) for a, b in chain] + [(len(self.a.order), len(self.b.order))]
        start_a = start_b = 0
        for stop_a, stop_b in stops:
            mine = [at for at in self.a.order[start_a:stop_a] if self.a.mate[at] < 0]
            theirs = [at for at in self.b.order[start_b:stop_b] if self.b.mate[at] < 0]
            if mine and theirs and len(mine) * len(theirs) <= CELLS:
                for a, b in self._sequence(mine, theirs):
                    self.pair(a, b)
            start_a, start_b = stop_a + 1, stop_b + 1

    def _sequence(self, mine: list[int], theirs: list[int]) -> list[tuple[int, int]]:
        pairs = aligned(self._scores(mine, theirs), _opening(self.a, mine), _opening(self.b, theirs))
        return [(mine[i], theirs[j]) for i, j in pairs]

    def _scores(self, mine: list[int], theirs: list[int]) -> Table:
        """How alike steps are: the worth of the labels that agree; -inf where they are of another kind."""
        score = np.zeros((len(mine), len(theirs)), np.float32)
        for tier, worth in _AGREEMENT:
            a = np.array([self.a.labels[tier][at] for at in mine])
            b = np.array([self.b.labels[tier][at] for at in theirs])
            score += worth * (a[:, None] == b[None, :])
        for worth, what in ((1.0, "channels"), (1.0, "size")):
            a = np.array([hash(getattr(self.a.steps[at], what)) for at in mine])
            b = np.array([hash(getattr(self.b.steps[at], what)) for at in theirs])
            score += np.where(score > 0, worth * (a[:, None] == b[None, :]), 0)
        weights = np.array([_worth(self.a.steps[at]) for at in mine], np.float32)
        return np.where(score > 0, score * weights[:, None], -np.inf)

    def _slide(self, side: _Side, other: _Side) -> None:
        """Let what only one side has start where a block starts, where the same steps before and after allow it."""
        order, mate = side.order, side.mate
        start = 0
        while start < len(order):
            if mate[order[start]] >= 0:
                start += 1
                continue
            end = start
            while end < len(order) and mate[order[end]] < 0:
                end += 1
            shift = self._shift(side, start, end)
            for place in range(start, start + shift):
                self._swap(side, other, order[place + end - start], order[place])
            for place in range(end - 1, end - 1 + shift, -1):
                self._swap(side, other, order[place - (end - start)], order[place])
            start = end + max(shift, 0)

    def _swap(self, side: _Side, other: _Side, paired: int, free: int) -> None:
        """Give the partner of one step to another that is like it."""
        side.mate[free], side.mate[paired] = side.mate[paired], -1
        other.mate[side.mate[free]] = free

    def _shift(self, side: _Side, start: int, end: int) -> int:
        """By how many steps the run can move to start at a block, down or (negative) up; 0 where it cannot, or does."""
        order, starts, long = side.order, side.starts, end - start
        for shift in range(1, long):
            if not self._alike(side, start + shift - 1, end + shift - 1):
                break
            if starts[order[start + shift]] > starts[order[start]]:
                return shift
        for shift in range(1, long):
            if not self._alike(side, end - shift, start - shift):
                break
            if starts[order[start - shift]] > starts[order[start]]:
                return -shift
        return 0

    def _alike(self, side: _Side, free: int, paired: int) -> bool:
        """Whether the step at one place of the order is like a paired one at another."""
        if not 0 <= paired < len(side.order) or side.mate[side.order[paired]] < 0 or side.settled[side.order[paired]]:
            return False
        return side.labels[1][side.order[free]] == side.labels[1][side.order[paired]]

    def _in_place(self) -> None:
        """Pair what is left, step by step, where it hangs between the same pairs and is of the same kinds."""
        places: dict[Ends, list[list[Step]]] = defaultdict(list)
        for component in components(self.b.net, self.b.mate):
            places[ends(component, range(len(self.b.mate)))].append(component)
        for component in components(self.a.net, self.a.mate):
            for twin in places.get(ends(component, self.a.mate), []):
                if self._kinds(self.a, component) == self._kinds(self.b, twin) and self.b.mate[twin[0].index] < 0:
                    for one, other in zip(component, twin, strict=True):
                        self.pair(one.index, other.index)
                    break

    @staticmethod
    def _kinds(side: _Side, component: list[Step]) -> list[int]:
        return [side.labels[4][step.index] for step in component]

    def _repair(self, above: int, below: int) -> bool:
        """Let like steps change partners where more neighbours agree then; True where some did.

        What is above and what is below count differently, and the heavier side is gone through first: so a chain of
        like steps follows its beginning, or its end, step by step. A step without a partner may take another's.
        """
        better = self._exchange(above, below)
        better |= self._take(self.a, self.b, above, below)
        return self._take(self.b, self.a, above, below) or better

    def _exchange(self, above: int, below: int) -> bool:
        mate, better = self.a.mate, False
        for a in _turn(self.a, above > below):
            b, step = mate[a], self.a.steps[a]
            if b < 0 or self.a.settled[a] or self._agreement(a, b) == len(step.inputs) + len(step.readers):
                continue
            for other in self._near_partners(self.a, self.b, a):
                now = mate[a]
                rival = self.b.mate[other]
                if other == now or rival < 0 or self.b.settled[other] or not self._interchangeable(now, other):
                    continue
                gain = 0
                for sign, one, two in ((1, a, other), (1, rival, now), (-1, a, now), (-1, rival, other)):
                    up, down = _neighbours(self.a, self.b, one, two)
                    gain += sign * (above * up + below * down)
                if gain > 0:
                    self.pair(a, other)
                    self.pair(rival, now)
                    better = True
        return better

    def _take(self, side: _Side, other: _Side, above: int, below: int) -> bool:
        better, labels = False, side.labels[1]
        for free in _turn(side, above > below):
            for partner in self._near_partners(side, other, free) if side.mate[free] < 0 else ():
                owner = other.mate[partner]
                if (
                    owner < 0
                    or side.settled[owner]
                    or labels[owner] != labels[free]
                    or side.steps[owner].channels != side.steps[free].channels
                ):
                    continue
                up, down = _neighbours(side, other, free, partner)
                old_up, old_down = _neighbours(side, other, owner, partner)
                if above * (up - old_up) + below * (down - old_down) > 0:
                    side.mate[owner], side.mate[free], other.mate[partner] = -1, partner, free
                    better = True
                    break
        return better

    @staticmethod
    def _near_partners(side: _Side, other: _Side, at: int) -> list[int]:
        """The other network's steps that stand to the partners of a step's neighbours as it stands to these."""
        mate, step = side.mate, side.steps[at]
        above = [mate[s] for s, _ in step.inputs if s >= 0 and mate[s] >= 0]
        below = [mate[r] for r, _ in step.readers if mate[r] >= 0]
        found = [r for b in above for r, _ in other.steps[b].readers]
        return list(dict.fromkeys(found + [s for b in below for s, _ in other.steps[b].inputs if s >= 0]))

    def _interchangeable(self, one: int, other: int) -> bool:
        return self.b.labels[1][one] == self.b.labels[1][other]

    def _undo(self) -> None:
        """Part the pairs that nothing supports: another operator, and no neighbour that agrees."""
        for a, b in enumerate(self.a.mate):
            if b < 0 or self.a.labels[2][a] == self.b.labels[2][b]:
                continue
            if not self._agreement(a, b):
                self.a.mate[a] = self.b.mate[b] = -1


_WORTH: Final = {"convolution": 3.0, "dense": 3.0, "product": 2.0, "normalization": 1.5}
_AGREEMENT: Final = ((4, 1.0), (3, 2.0), (2, 2.0), (1, 1.0), (0, 2.0))
"""What labels that agree are worth, by tier."""
_WIRING: Final = 1.0
"""By how much units of the same steps are worth less where these are connected otherwise."""
_OPEN: Final = 6.0
_AT_BLOCK: Final = 2.0
"""By how much a gap is cheaper to open where a block starts."""


def _opening(side: _Side, steps: list[int]) -> Table:
    """What a gap costs that begins at each step."""
    return np.array([_OPEN - _AT_BLOCK * side.starts[at] for at in steps], np.float32)


def _worth(step: Step) -> float:
    return _WORTH.get(step.kind, 1.0)


def _common(a: list[int], b: list[int]) -> tuple[int, int]:
    """How many members two sequences have in common at either end, less a margin in which a gap may find its place."""
    most = min(len(a), len(b))
    first = next((k for k in range(most) if a[k] != b[k]), most)
    last = next((k for k in range(most - first) if a[-1 - k] != b[-1 - k]), most - first)
    margin = 64 + abs(len(a) - len(b))
    return (first, last) if first == len(a) == len(b) else (max(0, first - margin), max(0, last - margin))


def _dense(rows: list[dict[int, float]], width: int) -> Table:
    table: Table = np.zeros((len(rows), width), np.float32)
    for at, row in enumerate(rows):
        table[at, list(row)] = list(row.values())
    return table
