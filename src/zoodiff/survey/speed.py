"""Computation against measured time: whether networks with fewer multiply-accumulates are faster, and which are not."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from statistics import NormalDist, correlation, median
from typing import Final

import msgspec

from zoodiff.record import Shape, Unmeasured
from zoodiff.timing.latency import Bench, Latency
from zoodiff.timing.median import LEVEL, Interval
from zoodiff.timing.median import ratio as ratio_of

LEAST: Final = 10
"""Networks below which a rank correlation says little, and its interval is not good."""
FAR: Final = 3.5
"""Modified z-score from which on a value is an outlier (Iglewicz and Hoaglin 1993, chapter 3)."""
_MISLEADING: Final = 1.1
"""By what factor multiply-accumulates must differ for the reverse order of times to mislead anyone."""


class Point(msgspec.Struct, frozen=True):
    """One network: what it computes, and how long that took."""

    ref: str
    architecture: str
    macs: int
    milliseconds: float
    """median of the rounds' medians"""
    interval: Interval | Unmeasured
    """of `milliseconds`"""
    score: float = 0.0
    """how far its time for one multiply-accumulate is from the others': the modified z-score of its logarithm"""

    @property
    def rate(self) -> float:
        """Thousand millions of multiply-accumulates a second."""
        return self.macs / self.milliseconds / 1e6


class Reversal(msgspec.Struct, frozen=True):
    """Two networks of one name of which the one with fewer multiply-accumulates takes longer, beyond chance."""

    architecture: str
    fewer: str
    more: str
    macs: float
    """how many times as many multiply-accumulates the other has"""
    time: float
    """how many times as long this one takes"""
    interval: Interval
    """of `time`"""


class Speed(msgspec.Struct, frozen=True):
    """How far multiply-accumulates tell the order of measured times."""

    points: tuple[Point, ...]
    correlation: float | Unmeasured
    """Spearman's rank correlation of multiply-accumulates and time: 1 where the order is the same"""
    interval: Interval | Unmeasured
    reversals: tuple[Reversal, ...]
    bench: Bench
    """where the times are from"""

    def of(self, ref: str) -> Point | None:
        """What was measured of one network; None where nothing was."""
        return next((point for point in self.points if point.ref == ref), None)

    @property
    def outliers(self) -> tuple[Point, ...]:
        """The networks that are far slower or faster for what they compute than most, farthest first."""
        far = [point for point in self.points if abs(point.score) >= FAR]
        return tuple(sorted(far, key=lambda point: -abs(point.score)))


def weigh(counted: Iterable[tuple[str, str, int, Mapping[str, Shape]]], bench: Bench) -> Speed:
    """Hold what networks compute against what a bench measured of them.

    `counted` are reference, architecture, multiply-accumulates and input of each network; those that the bench has at
    the same input count.
    """
    timed = {(one.ref, _input(one.input)): one for one in bench.models}
    found: list[tuple[Point, Latency]] = []
    for ref, architecture, macs, sizes in counted:
        one = timed.get((ref, _input(sizes)))
        if one is not None and macs:
            took = one.median()
            found.append((Point(ref, architecture, macs, took.value, took.interval), one))
    points = _scored([point for point, _ in found])
    rho = _correlated(points)
    return Speed(points, rho, _bounds(rho, len(points)), tuple(_reversals(found)), bench)


def _input(sizes: Mapping[str, Shape]) -> str:
    """An input's size as it is run: what is not known is 1."""
    return str(sorted((name, tuple(d or 1 for d in shape)) for name, shape in sizes.items()))


def _correlated(points: Sequence[Point]) -> float | Unmeasured:
    if len(points) < LEAST:
        return Unmeasured(f"{len(points)} networks are too few for a rank correlation; it takes {LEAST}")
    macs, times = ranks([p.macs for p in points]), ranks([p.milliseconds for p in points])
    if len(set(macs)) == 1 or len(set(times)) == 1:
        return Unmeasured("all are equal in one of the two, so that there is no order")
    return correlation(macs, times)


def ranks(values: Sequence[float]) -> list[float]:
    """The rank of each value, from 1; equal values share the mean of their ranks."""
    order = sorted(values)
    return [(bisect_left(order, value) + 1 + bisect_right(order, value)) / 2 for value in values]


def _bounds(rho: float | Unmeasured, n: int, level: float = LEVEL) -> Interval | Unmeasured:
    """The interval of a rank correlation by Fisher's transformation, with the variance (1 + rho^2 / 2) / (n - 3).

    Bonett and Wright 2000, Sample size requirements for estimating Pearson, Kendall and Spearman correlations,
    Psychometrika 65, equation 5.
    """
    if isinstance(rho, Unmeasured):
        return rho
    if abs(rho) == 1:
        return Unmeasured("the order is the same throughout: Fisher's transformation has no value there")
    half = NormalDist().inv_cdf((1 + level) / 2) * math.sqrt((1 + rho**2 / 2) / (n - 3))
    return Interval(math.tanh(math.atanh(rho) - half), math.tanh(math.atanh(rho) + half), level)


def _scored(points: Sequence[Point]) -> tuple[Point, ...]:
    """The points with their modified z-scores, 0.6745 (x - median) / MAD of the logarithm of the time for one MAC."""
    if not points:
        return ()
    costs = [math.log(1 / point.rate) for point in points]
    middle = median(costs)
    spread = median(abs(cost - middle) for cost in costs)
    return tuple(
        msgspec.structs.replace(point, score=0.6745 * (cost - middle) / spread if spread else 0.0)
        for point, cost in zip(points, costs, strict=True)
    )


def _reversals(found: Sequence[tuple[Point, Latency]]) -> list[Reversal]:
    made = []
    for one, other in combinations(found, 2):
        (fewer, slow), (more, fast) = sorted((one, other), key=lambda pair: pair[0].macs)
        factor = more.macs / fewer.macs
        if fewer.architecture != more.architecture or factor < _MISLEADING:
            continue
        ratio = ratio_of(slow.medians, fast.medians)
        if isinstance(ratio.interval, Interval) and ratio.interval.low > 1:
            made.append(Reversal(fewer.architecture, fewer.ref, more.ref, factor, ratio.value, ratio.interval))
    return sorted(made, key=lambda reversal: -reversal.macs * reversal.time)
