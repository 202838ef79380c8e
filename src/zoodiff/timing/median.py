"""The median of a few independent values, and an interval that covers it whatever their distribution."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median
from typing import Final

import msgspec

from zoodiff.record import Unmeasured

LEVEL: Final = 0.95


class Interval(msgspec.Struct, frozen=True):
    """Two bounds, and the probability with which such bounds enclose what they are for."""

    low: float
    high: float
    level: float
    """at least the level that was asked for; the bounds are values, so not every level can be had"""


class Estimate(msgspec.Struct, frozen=True):
    """A median with its interval, or with the reason why there is none."""

    value: float
    interval: Interval | Unmeasured


def estimate(values: Sequence[float], level: float = LEVEL) -> Estimate:
    """The median of independent values of one distribution, and its interval of at least this level.

    The interval runs from the j-th smallest to the j-th largest value. It misses the median where fewer than j values
    fall on one side, so its level is 1 - 2 P(X < j) for X binomial (n, 1/2), whatever the distribution (David and
    Nagaraja, Order Statistics, 3rd ed., section 7.1); j is the largest that keeps the level. Raises ValueError without
    values.
    """
    return Estimate(float(median(values)), interval(values, level))


def interval(values: Sequence[float], level: float = LEVEL) -> Interval | Unmeasured:
    """The interval alone (see `estimate`); Unmeasured where there are too few values for the level."""
    ranked, n = sorted(values), len(values)
    rank, missed, tail = 0, 1.0, 0.0
    while rank < n // 2:
        tail += math.comb(n, rank) / 2**n
        if 2 * tail > 1 - level:
            break
        rank, missed = rank + 1, 2 * tail
    if not rank:
        least = math.ceil(1 - math.log2(1 - level))
        return Unmeasured(f"{n} values are too few for an interval of level {level:g}; it takes {least}")
    return Interval(float(ranked[rank - 1]), float(ranked[n - rank]), 1 - missed)


def paired_ratio(one: Sequence[float], other: Sequence[float], level: float = LEVEL) -> Estimate:
    """By what factor `one` is larger than `other`, where their values were had side by side, one pair a round.

    The median of the rounds' own ratios: what slows a whole round, both of them, cancels.
    """
    return estimate([first / second for first, second in zip(one, other, strict=True)], level)


def ratio(one: Sequence[float], other: Sequence[float], level: float = LEVEL) -> Estimate:
    """By what factor `one` is larger than `other`, where they were had at different times.

    The ratio of the medians; its interval runs from the lowest to the highest ratio that the two intervals allow, each
    taken at half the error, so that by Bonferroni's inequality both hold together at the level.
    """
    value = median(one) / median(other)
    upper, lower = (interval(values, (1 + level) / 2) for values in (one, other))
    for bound in (upper, lower):
        if isinstance(bound, Unmeasured):
            return Estimate(value, bound)
    assert isinstance(upper, Interval)
    assert isinstance(lower, Interval)
    joint = upper.level + lower.level - 1
    return Estimate(value, Interval(upper.low / lower.high, upper.high / lower.low, joint))
