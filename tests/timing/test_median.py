"""Intervals of medians: their ranks by hand, their level by another library, their coverage by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from zoodiff.record import Unmeasured
from zoodiff.timing.median import Interval, estimate, interval, paired_ratio, ratio


def test_ten_values_give_the_second_and_the_ninth() -> None:
    found = interval(range(1, 11))
    assert found == Interval(2, 9, 1 - 2 * (1 + 10) / 2**10)


def test_too_few_values_have_no_interval_and_six_have() -> None:
    assert isinstance(interval([1, 2, 3, 4, 5]), Unmeasured)
    assert "it takes 6" in interval([1.0]).reason  # type: ignore[union-attr]
    assert interval([1, 2, 3, 4, 5, 6]) == Interval(1, 6, 1 - 2 / 2**6)


@given(st.integers(6, 300), st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_the_level_is_the_binomial_one_and_the_interval_the_narrowest(n: int, level: float) -> None:
    found = interval(range(n), level)
    if isinstance(found, Unmeasured):
        assert 1 - 2 * stats.binom.cdf(0, n, 0.5) < level
        return
    rank = round(found.low) + 1
    assert found.high == n - rank
    assert found.level == pytest.approx(1 - 2 * stats.binom.cdf(rank - 1, n, 0.5))
    assert found.level >= level
    if rank < n // 2:
        assert 1 - 2 * stats.binom.cdf(rank, n, 0.5) < level


@pytest.mark.parametrize("n", [6, 10, 25])
def test_intervals_cover_the_median_of_a_skewed_distribution(n: int) -> None:
    random = np.random.default_rng(n)
    samples = random.lognormal(0, 1, (4000, n))  # its median is 1
    covered = [found.low <= 1 <= found.high for found in map(interval, samples) if isinstance(found, Interval)]
    nominal = interval(range(n))
    assert isinstance(nominal, Interval)
    # as often as they say, within four standard errors of 4,000 trials
    assert abs(np.mean(covered) - nominal.level) < 4 * np.sqrt(nominal.level * (1 - nominal.level) / 4000)


def test_a_ratio_in_pairs_does_not_see_the_drift_that_both_share() -> None:
    drift = np.linspace(1, 3, 10)
    found = paired_ratio(2 * drift, drift)
    assert (found.value, found.interval) == (2, Interval(2, 2, estimate(drift).interval.level))  # type: ignore[union-attr]


@pytest.mark.parametrize("n", [8, 20])
def test_ratios_of_two_times_cover(n: int) -> None:
    random = np.random.default_rng(n)
    pairs = random.lognormal(0, 0.3, (1000, 2, n)) * np.array([3.0, 1.5])[:, None]
    found = [ratio(one, other).interval for one, other in pairs]
    covered = [bounds.low <= 2 <= bounds.high for bounds in found if isinstance(bounds, Interval)]
    assert len(covered) == 1000
    assert np.mean(covered) >= 0.95  # conservative, so nearly always


def test_too_few_values_of_either_leave_a_ratio_without_interval() -> None:
    found = ratio([2.0] * 20, [1.0] * 3)
    assert found.value == 2
    assert isinstance(found.interval, Unmeasured)
