"""Intervals cover and tests keep their level, as often as they say; exact ones equal their definitions."""

from __future__ import annotations

import sys
from decimal import ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from zoodiff.accuracy.statistics import (
    VALIDATION_IMAGES,
    Counts,
    binomial_interval,
    noise_floor,
    paired_floor,
    paired_test,
    population_interval,
    population_test,
    rounding,
    score_interval,
)
from zoodiff.fault import Refusal


@pytest.mark.parametrize(
    ("correct", "images"), [(40_429, 50_000), (38_065, 50_000), (49_990, 50_000), (0, 100), (7, 10)]
)
def test_the_score_interval_is_scipys(correct: int, images: int) -> None:
    expected = stats.binomtest(correct, images).proportion_ci(method="wilson")
    found = score_interval(Decimal(100 * correct) / images, images)
    assert found == pytest.approx((100 * expected.low, 100 * expected.high), abs=1e-9)


@pytest.mark.parametrize(("p", "q"), [(0.76, 0.76), (0.5, 0.5), (0.93, 0.93), (0.6, 0.62)])
@pytest.mark.parametrize("images", [2_000, VALIDATION_IMAGES])
@pytest.mark.parametrize("level", [0.95, 0.5])
def test_coverage(p: float, q: float, images: int, level: float) -> None:
    """20,000 pairs of models with independent answers: their difference leaves the floor as often as it may."""
    random = np.random.default_rng(7)
    first, second = (random.binomial(images, chance, 20_000) / images for chance in (p, q))
    floor = float(noise_floor(Decimal(str(100 * p)), Decimal(str(100 * q)), images, level)) / 100
    covered = np.mean(np.abs((first - second) - (p - q)) <= floor)
    assert abs(covered - level) < 4 * np.sqrt(level * (1 - level) / 20_000) + 0.008  # counts are discrete


def test_a_published_value() -> None:
    """76.130 and 76.130 on 50,000 images: 1.959964 * sqrt(2 * 0.7613 * 0.2387 / 50000) = 0.52840 points."""
    assert noise_floor(Decimal("76.130"), Decimal("76.130")) == Decimal("0.5284")


def test_it_does_not_depend_on_the_order() -> None:
    assert noise_floor(Decimal(70), Decimal(80)) == noise_floor(Decimal(80), Decimal(70))


def test_certain_answers_have_no_noise() -> None:
    assert noise_floor(Decimal(100), Decimal(0)) == 0


def test_pairs_that_go_together_have_less_noise() -> None:
    """4,227 discordant pairs of 50,000: 1.959964 * sqrt(4227 - 991^2 / 50000) / 50000 = 0.25427 points."""
    assert paired_floor(1_618, 2_609, 50_000) == Decimal("0.2543")
    assert paired_floor(2_609, 1_618, 50_000) == Decimal("0.2543")
    assert paired_floor(0, 0, 50_000) == 0
    independent = 50_000 * 0.75 * 0.25  # discordant pairs of two models that err independently, either way
    assert abs(paired_floor(round(independent), round(independent), 50_000) - noise_floor(Decimal(75), Decimal(75))) < (
        Decimal("0.0001")
    )


@pytest.mark.parametrize(("only", "both"), [((0.04, 0.05), 0.7), ((0.1, 0.02), 0.6)])
def test_paired_coverage(only: tuple[float, float], both: float) -> None:
    random = np.random.default_rng(8)
    counts = random.multinomial(5_000, [*only, both, 1 - both - sum(only)], 4_000)
    floors = np.array([float(paired_floor(int(b), int(c), 5_000)) / 100 for b, c, *_ in counts])
    apart = (counts[:, 0] - counts[:, 1]) / 5_000
    covered = np.mean(np.abs(apart - (only[0] - only[1])) <= floors)
    assert abs(covered - 0.95) < 4 * np.sqrt(0.95 * 0.05 / 4_000) + 0.005


ROUNDED = {
    ("75.9", "0.1"): (37_925, 37_975),
    ("76.130", "0.001"): (38_065, 38_065),
    ("76.131", "0.001"): (38_065, 38_066),  # of no count: the two beside it
    ("76", "1"): (37_750, 38_250),
    ("100.0", "0.1"): (49_975, 50_000),
    ("0.0", "0.1"): (0, 25),
}


@pytest.mark.parametrize(("value", "step"), ROUNDED)
def test_counts_of_which_a_claim_is_true(value: str, step: str) -> None:
    claimed = rounding(Decimal(value), Decimal(step))
    assert claimed == Counts(*ROUNDED[value, step], VALIDATION_IMAGES)
    assert claimed.least in claimed
    assert claimed.most + 1 not in claimed


@settings(deadline=None)
@given(st.integers(0, 50_000), st.integers(0, 3))
def test_a_count_is_among_those_of_its_rounded_value(correct: int, digits: int) -> None:
    step = Decimal(1).scaleb(-digits)
    for way in (ROUND_HALF_UP, ROUND_HALF_EVEN, ROUND_HALF_DOWN):
        printed = (Decimal(100 * correct) / VALIDATION_IMAGES).quantize(step, way)
        assert correct in rounding(printed, step)


def test_widened() -> None:
    claimed = rounding(Decimal("76.130"), Decimal("0.001"))
    assert claimed.widened(Decimal("0.030")) == Counts(38_050, 38_080, 50_000)
    assert claimed.within(claimed.widened(Decimal("0.030")))
    assert not claimed.widened(Decimal("0.030")).within(claimed)


def binomial_tail(least: int, n: int, chance: Fraction) -> Fraction:
    return sum((comb(n, k) * chance**k * (1 - chance) ** (n - k) for k in range(least, n + 1)), Fraction(0))


@pytest.mark.parametrize(("correct", "images"), [(0, 10), (7, 10), (10, 10), (38, 50), (3, 200)])
@pytest.mark.parametrize("level", [0.95, 0.8])
def test_the_binomial_interval_by_its_definition(correct: int, images: int, level: float) -> None:
    """Clopper and Pearson: at either end the tail beyond what was seen has half of the rest."""
    low, high = binomial_interval(correct, images, level)
    tail = (1 - level) / 2
    if correct:
        assert float(binomial_tail(correct, images, Fraction(low / 100))) == pytest.approx(tail, rel=1e-6)
    else:
        assert low == 0
    if correct < images:
        assert 1 - float(binomial_tail(correct + 1, images, Fraction(high / 100))) == pytest.approx(tail, rel=1e-6)
    else:
        assert high == 100


def drawn(k: int, population: int, right: int, images: int) -> Fraction:
    return Fraction(comb(right, k) * comb(population - right, images - k), comb(population, images))


@settings(deadline=None, max_examples=50)
@given(st.data())
def test_the_population_by_its_definition(data: st.DataObject) -> None:
    population = data.draw(st.integers(1, 40))
    images = data.draw(st.integers(1, population))
    correct = data.draw(st.integers(0, images))
    fits = []
    for right in range(population + 1):
        below = sum(drawn(k, population, right, images) for k in range(correct + 1) if k <= right)
        above = sum(drawn(k, population, right, images) for k in range(correct, images + 1) if k <= right)
        fits.append((below, above))
    level = 0.9137  # no tail of so small a population is just half of the rest: rounding would decide
    tail = Fraction(1 - level) / 2
    kept = [right for right, (below, above) in enumerate(fits) if below > tail and above > tail]
    found = population_interval(correct, images, population, level)
    assert (found.least, found.most) == (min(kept), max(kept))
    least = data.draw(st.integers(0, population))
    most = data.draw(st.integers(least, population))
    low, high = fits[least][0], fits[most][1]
    expected = min(Fraction(1), 2 * min(low, high))
    assert population_test(correct, images, Counts(least, most, population)) == pytest.approx(float(expected))


def test_of_the_whole_population_the_count_is_exact() -> None:
    claimed = rounding(Decimal("75.9"), Decimal("0.1"))
    assert population_interval(37_924, 50_000, 50_000) == Counts(37_924, 37_924, 50_000)
    assert [population_test(c, 50_000, claimed) for c in (37_924, 37_925, 37_975, 37_976)] == [0, 1, 1, 0]


@pytest.mark.parametrize("images", [500, 20_000])
@pytest.mark.parametrize("truth", [27_251, 47_636])
def test_level_and_coverage_in_the_validation_set(images: int, truth: int) -> None:
    """10,000 samples without replacement: a true claim is refuted, and the truth lost, no more often than may be."""
    random = np.random.default_rng(images + truth)
    seen = random.hypergeometric(truth, VALIDATION_IMAGES - truth, images, 10_000)
    claimed = Counts(truth, truth, VALIDATION_IMAGES)
    values, times = np.unique(seen, return_counts=True)
    refuted = sum(n for c, n in zip(values, times, strict=True) if population_test(int(c), images, claimed) < 0.05)
    lost = sum(
        n for c, n in zip(values, times, strict=True)
        if truth not in population_interval(int(c), images, VALIDATION_IMAGES)
    )  # fmt: skip
    for errors in (refuted, lost):
        assert errors / 10_000 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 10_000)
        assert errors / 10_000 > 0.03  # exact tests are not much too careful either at such sizes


def test_the_paired_test() -> None:
    """10 and 2 discordant: 2 * (C(12,0) + C(12,1) + C(12,2)) / 2**12 = 158 / 4096."""
    assert paired_test(10, 2) == pytest.approx(158 / 4096)
    assert paired_test(2, 10) == paired_test(10, 2)
    assert paired_test(0, 0) == paired_test(7, 7) == 1


def test_the_paired_test_keeps_its_level() -> None:
    random = np.random.default_rng(1)
    values, times = np.unique(random.binomial(300, 0.5, 10_000), return_counts=True)
    errors = sum(n for a, n in zip(values, times, strict=True) if paired_test(int(a), 300 - int(a)) < 0.05)
    assert 0.03 < errors / 10_000 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 10_000)


def test_without_scipy_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy", None)
    with pytest.raises(Refusal) as refused:
        binomial_interval(1, 2)
    assert "pip install 'zoodiff[run]'" in refused.value.hint
