"""Early stopping errs no more often than it may: against the definition, and by simulation."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from decimal import Decimal
from fractions import Fraction
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zoodiff.accuracy.sequential import Sequential
from zoodiff.accuracy.statistics import Counts
from zoodiff.fault import Refusal
from zoodiff.record import Claim, Source


def claimed(value: str, population: int = 50_000, margin: str = "0", alpha: float = 0.05) -> Sequential:
    claim = Claim("model", "acc@1", Decimal(value), value, Source("somebody"))
    return Sequential(claim, population, alpha, Decimal(margin))


def posterior_over_prior(total: int, correct: int, n: int, population: int, value: str) -> Fraction:
    """By the definition, in exact numbers, of a prior worth 200 images; the claim makes both parameters whole."""
    a = int(200 * Decimal(value) / 100)
    b = 200 - a

    def rising(start: int, count: int) -> int:
        product = 1
        for factor in range(start, start + count):
            product *= factor
        return product

    def beta_binomial(k: int, size: int, one: int, other: int) -> Fraction:
        return Fraction(comb(size, k) * rising(one, k) * rising(other, size - k), rising(one + other, size))

    prior = beta_binomial(total, population, a, b)
    if not 0 <= total - correct <= population - n:
        return Fraction(0)
    return beta_binomial(total - correct, population - n, a + correct, b + n - correct) / prior


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_the_interval_is_what_the_martingale_leaves(data: st.DataObject) -> None:
    population = data.draw(st.integers(1, 60))
    n = data.draw(st.integers(0, population))
    correct = data.draw(st.integers(0, n))
    value = data.draw(st.sampled_from(["50", "76.5", "99"]))
    made = claimed(value, population)
    ratios = {m: posterior_over_prior(m, correct, n, population, value) for m in range(population + 1)}
    kept = [m for m, ratio in ratios.items() if ratio > Fraction(1, 20)]
    assert made.interval(correct, n) == Counts(min(kept), max(kept), population)
    assert kept == list(range(min(kept), max(kept) + 1))
    best = max(ratios[m] for m in range(made.claimed.least, made.claimed.most + 1))
    assert made.p_value(correct, n) == pytest.approx(min(1.0, float(best)))


@pytest.mark.parametrize("margin", ["0", "0.01", "1"])
def test_what_is_decided_follows_from_the_interval(margin: str) -> None:
    made = claimed("76.0", margin=margin)
    near, loose = (made.claimed.widened(Decimal(points)) for points in (margin, max(margin, "0.030")))
    for n in (500, 2_000, 10_000, 40_000, 49_990, 50_000):
        for correct in range(round(0.6 * n), round(0.9 * n), max(1, n // 200)):
            seen = made.interval(correct, n)
            apart = seen.most < loose.least or loose.most < seen.least
            assert made.update(correct, n) == ("holds" if seen.within(near) else "refuted" if apart else None)


def test_of_the_whole_population_only_what_a_rerun_explains_is_undecided() -> None:
    made = claimed("75.9")
    assert made.interval(37_950, 50_000) == Counts(37_950, 37_950, 50_000)
    decided = {37_909: "refuted", 37_910: None, 37_925: "holds", 37_975: "holds", 37_990: None, 37_991: "refuted"}
    assert {correct: made.update(correct, 50_000) for correct in decided} == decided
    assert made.p_value(37_924, 50_000) == 0
    assert made.p_value(37_925, 50_000) == 1


def test_before_the_first_image_nothing_is_decided() -> None:
    made = claimed("76.130")
    assert made.update(0, 0) is None
    assert made.interval(0, 0) == Counts(0, 50_000, 50_000)
    assert made.generalises(0, 0) == (0, 100)


@pytest.mark.parametrize(("correct", "n"), [(-1, 5), (6, 5), (5, 50_001)])
def test_impossible_counts_are_refused(correct: int, n: int) -> None:
    with pytest.raises(Refusal, match="not possible"):
        claimed("76.130").update(correct, n)


@pytest.mark.parametrize("share", [0.02, 0.5, 0.76, 0.95])
@pytest.mark.parametrize("alpha", [0.05, 0.2])
def test_coverage_at_every_image_at_once(share: float, alpha: float) -> None:
    """2,000 random orders of 1,000 images: the truth is lost at any image in no more of them than alpha."""
    population, orders = 1_000, 2_000
    truth = round(share * population)
    made = claimed(str(100 * share), population, alpha=alpha)
    random = np.random.default_rng(11)
    answers = np.zeros((orders, population), dtype=np.int64)
    answers[:, :truth] = 1
    seen = random.permuted(answers, axis=1).cumsum(axis=1)
    lost = np.zeros(orders, dtype=bool)
    for n in range(1, population + 1):
        inside = [c for c in range(int(seen[:, n - 1].min()), int(seen[:, n - 1].max()) + 1)
                  if made.p_value(c, n, Counts(truth, truth, population)) > alpha]  # fmt: skip
        lost |= (seen[:, n - 1] < inside[0]) | (seen[:, n - 1] > inside[-1])
    assert lost.mean() <= alpha + 3 * np.sqrt(alpha * (1 - alpha) / orders)
    assert lost.any() or alpha < 0.1


def test_a_claim_three_points_too_high_is_refuted_early() -> None:
    """Half of 200 random orders are decided by a tenth of the images, none wrongly."""
    made, random, truth = claimed("76.130"), np.random.default_rng(3), 36_565
    answers = np.arange(50_000) < truth
    images = []
    for _ in range(200):
        seen = random.permutation(answers).cumsum()
        images.append(next(n for n in range(100, 50_001, 100) if made.update(int(seen[n - 1]), n)))
        assert made.update(int(seen[images[-1] - 1]), images[-1]) == "refuted"
    assert np.median(images) <= 5_000


def test_generalising_covers_whenever_one_stops() -> None:
    """1,000 endless streams of 1,000 images, looked at 40 times each."""
    made, random, chance = claimed("70"), np.random.default_rng(5), 0.72
    seen = (random.random((1_000, 1_000)) < chance).cumsum(axis=1)
    lost = np.zeros(1_000, dtype=bool)
    for n in range(25, 1_001, 25):
        low = bisect_left(range(n), 72, key=lambda correct, n=n: made.generalises(correct, n)[1])
        high = bisect_right(range(n), 72, key=lambda correct, n=n: made.generalises(correct, n)[0]) - 1
        lost |= (seen[:, n - 1] < low) | (seen[:, n - 1] > high)
    assert 0 < lost.mean() <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 1_000)
    assert made.generalises(0, 50)[0] == 0
    assert made.generalises(50, 50)[1] == 100
