"""Cost against time: ranks and intervals by another library and by simulation, outliers and reversals as planted."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from madeup import SIZE, bench, timed
from zoodiff.record import Unmeasured
from zoodiff.survey import speed
from zoodiff.timing.median import Interval


def weighed(macs: dict[str, int], times: dict[str, float], architecture: str = "net") -> speed.Speed:
    counted = [(name, architecture, value, SIZE) for name, value in macs.items()]
    return speed.weigh(counted, bench(*(timed(name, value) for name, value in times.items())))


@given(st.lists(st.integers(0, 9), min_size=1, max_size=40))
def test_ranks_are_scipys(values: list[int]) -> None:
    assert speed.ranks(values) == stats.rankdata(values).tolist()


def test_the_correlation_is_scipys() -> None:
    random = np.random.default_rng(0)
    macs = {f"m{at}": int(value) for at, value in enumerate(random.integers(10**8, 10**10, 40))}
    times = {name: value / 1e8 * random.lognormal(0, 0.7) for name, value in macs.items()}
    found = weighed(macs, times)
    expected = stats.spearmanr(list(macs.values()), [point.milliseconds for point in found.points]).statistic
    assert found.correlation == pytest.approx(expected)
    assert isinstance(found.interval, Interval)
    assert found.interval.low < expected < found.interval.high


@pytest.mark.parametrize("rho", [0.3, 0.8, 0.95])
def test_intervals_cover_the_correlation_of_the_population(rho: float) -> None:
    random = np.random.default_rng(round(100 * rho))
    true = 6 / math.pi * math.asin(rho / 2)  # Spearman's of a normal pair whose Pearson correlation is rho
    covered = 0
    for _ in range(1000):
        pairs = random.multivariate_normal([0, 0], [[1, rho], [rho, 1]], 40)
        found = speed._bounds(float(stats.spearmanr(*pairs.T).statistic), 40)
        assert isinstance(found, Interval)
        covered += found.low <= true <= found.high
    assert covered >= 930  # of 950, less three standard errors


def test_too_few_networks_and_no_order_have_no_correlation() -> None:
    names = [f"m{at}" for at in range(12)]
    few = weighed(dict.fromkeys(names[:9], 5), dict.fromkeys(names, 5.0))
    assert isinstance(few.correlation, Unmeasured)
    assert isinstance(few.interval, Unmeasured)
    flat = weighed(dict.fromkeys(names, 5), {name: at + 1.0 for at, name in enumerate(names)})
    assert "no order" in flat.correlation.reason  # type: ignore[union-attr]
    perfect = weighed({n: at + 1 for at, n in enumerate(names)}, {n: at + 1.0 for at, n in enumerate(names)})
    assert perfect.correlation == pytest.approx(1)
    assert isinstance(perfect.interval, Unmeasured)


def test_the_one_that_is_slow_for_what_it_computes_is_the_outlier() -> None:
    macs = {f"m{at}": (at + 1) * 10**8 for at in range(30)}
    times = {name: value / 1e8 * (0.9, 0.95, 1.0, 1.05, 1.1)[at % 5] for at, (name, value) in enumerate(macs.items())}
    times["m7"] *= 5
    [point] = weighed(macs, times).outliers
    assert point.ref == "m7"
    assert point.score > 3.5


def test_the_other_order_of_times_is_told_within_one_name_and_beyond_chance() -> None:
    macs, times = {"few": 10**9, "many": 2 * 10**9}, {"few": 30.0, "many": 20.0}
    [found] = weighed(macs, times).reversals
    assert (found.fewer, found.more, found.macs) == ("few", "many", 2.0)
    assert found.time == pytest.approx(1.5)
    assert found.interval.low > 1
    assert not weighed(macs, {"few": 10.0, "many": 20.0}).reversals
    assert not weighed({"few": 10**9, "many": 10**9 + 10**7}, times).reversals  # hardly more
    assert not weighed(macs, {"few": 20.001, "many": 20.0}).reversals  # within chance


def test_models_at_another_input_are_left_out() -> None:
    large = bench(timed("a", 5.0, {"x": (1, 3, 299, 299)}), timed("b", 5.0))
    found = speed.weigh([("a", "net", 10, SIZE), ("b", "net", 10, {"x": (None, 3, 224, 224)})], large)
    assert [point.ref for point in found.points] == ["b"]
