"""The noise floor covers as often as it says."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from zoodiff.statistics import VALIDATION_IMAGES, noise_floor


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
