"""Exact intervals and tests for accuracies, of which a claim is true, and how far chance alone moves them.

Two questions are kept apart. Over the validation set itself (a finite population of N images) an accuracy is one
number, and n images drawn from it without replacement tell of it by the hypergeometric distribution: at n = N it is
exact. How far it generalises to other images of the kind is the binomial's question.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from zoodiff.fault import Refusal

VALIDATION_IMAGES: Final = 50_000
"""Images in the ImageNet-1k validation set (Russakovsky et al. 2015, arXiv 1409.0575, table 2)."""
RERUN: Final = Decimal("0.030")
"""Percentage points by which two runs of one checkpoint may lie apart although weights and preprocessing are the same.

The largest difference in top-1 of the 12 checkpoints that timm (results of commit aa4b5850) and Torchvision 0.29.1 both
distribute and both measure with the same size, crop and interpolation: libraries and hardware, nothing else.
"""


def _distributions() -> Any:
    try:
        from scipy import stats
    except ImportError:
        raise Refusal("exact tests need scipy, which is not installed", "pip install 'zoodiff[run]'") from None
    return stats


@dataclass(frozen=True)
class Counts:
    """The numbers of right answers among `of` images that a statement allows: from `least` to `most`, both included."""

    least: int
    most: int
    of: int

    def __contains__(self, correct: int) -> bool:
        return self.least <= correct <= self.most

    def widened(self, points: Decimal) -> Counts:
        """The same, further by this many percentage points on both sides."""
        further = math.floor(Fraction(points) * self.of / 100)
        return Counts(max(0, self.least - further), min(self.of, self.most + further), self.of)

    def within(self, other: Counts) -> bool:
        """Whether the other allows all that this allows."""
        return other.least <= self.least and self.most <= other.most


def rounding(value: Decimal, step: Decimal, images: int = VALIDATION_IMAGES) -> Counts:
    """The numbers of right answers of which a printed accuracy is true, where `step` is one unit of its last digit.

    Every count c with |100 c / images - value| <= step / 2: a half may have been rounded up, down or to even, so both
    edges belong. Figures that were cut off instead of rounded are not allowed for. Where no count rounds to the value
    (76.131 % of 50,000 images), the two next to it are meant.
    """
    exact, half = Fraction(value) * images / 100, Fraction(step) * images / 200
    least, most = math.ceil(exact - half), math.floor(exact + half)
    if least > most:
        least, most = math.floor(exact), math.ceil(exact)
    return Counts(max(least, 0), min(most, images), images)


def binomial_interval(correct: int, images: int, level: float = 0.95) -> tuple[float, float]:
    """Where the chance of a right answer may lie, as percentages: the images are a sample of endlessly many.

    Clopper and Pearson 1934 (Biometrika 26, 404-413): covers at least as often as `level` says. Raises Refusal without
    scipy.
    """
    found = _distributions().binomtest(correct, images).proportion_ci(level, method="exact")
    return 100 * float(found.low), 100 * float(found.high)


def population_interval(correct: int, images: int, population: int, level: float = 0.95) -> Counts:
    """How many of the whole population may be right, where `correct` of `images` drawn without replacement are.

    The hypergeometric tests of either side inverted (Buonaccorsi 1987, The American Statistician 41, 215-218): covers
    at least as often as `level` says; one number where all were drawn. Raises Refusal without scipy.
    """
    tail = (1 - level) / 2
    drawn = _distributions().hypergeom
    least, most = correct, population - (images - correct)
    low = _first(least, most, lambda total: drawn.sf(correct - 1, population, total, images) > tail)
    high = (
        most
        + least
        - _first(least, most, lambda mirrored: drawn.cdf(correct, population, most + least - mirrored, images) > tail)
    )
    return Counts(low, high, population)


def population_test(correct: int, images: int, claimed: Counts) -> float:
    """How well `correct` of `images` drawn without replacement agree with a claim on the whole: an exact p-value.

    Twice the smaller of the two tails, each at the edge of the claim that agrees best with it: of all counts that the
    claim allows the largest p-value, never too small. 1 or 0 where all images were drawn. Raises Refusal without scipy.
    """
    drawn = _distributions().hypergeom
    low = float(drawn.cdf(correct, claimed.of, claimed.least, images))
    high = float(drawn.sf(correct - 1, claimed.of, claimed.most, images))
    return min(1.0, 2 * min(low, high))


def paired_test(first_only: int, second_only: int) -> float:
    """Whether one of two models is right more often on the same images: McNemar's test in its exact form, a p-value.

    Of the images that only one of them gets right each model has half if they are equally good (McNemar 1947,
    Psychometrika 12, 153-157; exact: a two-sided binomial test). Raises Refusal without scipy.
    """
    parted = first_only + second_only
    return float(_distributions().binomtest(first_only, parted, 0.5).pvalue) if parted else 1.0


def _first(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The least number from `low` to `high` of which something holds that holds of all further ones and of `high`."""
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low


def score_interval(percent: Decimal, images: int = VALIDATION_IMAGES, level: float = 0.95) -> tuple[float, float]:
    """Where the chance of a right answer may lie, as percentages, given the share of right answers among `images`.

    Wilson 1927 (Journal of the American Statistical Association 22, 209-212). For a share as printed: how many answers
    were right need not be known, and no library is needed. See `binomial_interval` for the exact one.
    """
    from statistics import NormalDist

    z, share = NormalDist().inv_cdf((1 + level) / 2), float(percent) / 100
    middle = share + z * z / (2 * images)
    half = z * math.sqrt(share * (1 - share) / images + z * z / (4 * images**2))
    whole = 1 + z * z / images
    return 100 * (middle - half) / whole, 100 * (middle + half) / whole


def paired_floor(first_only: int, second_only: int, images: int, level: float = 0.95) -> Decimal:
    """Percentage points by which two networks' accuracies may differ although they are equally good, by their answers.

    Both answered the same images; `first_only` and `second_only` are those that only one of them got right. The
    half-width of the normal interval for a difference of dependent proportions, z * sqrt(b + c - (b - c)^2 / n) / n
    (Agresti, Categorical Data Analysis, 3rd ed., section 11.1.2).
    """
    from statistics import NormalDist

    z = NormalDist().inv_cdf((1 + level) / 2)
    spread = first_only + second_only - (first_only - second_only) ** 2 / images
    return Decimal(repr(round(100 * z * math.sqrt(spread) / images, 4)))


def noise_floor(first: Decimal, second: Decimal, images: int = VALIDATION_IMAGES, level: float = 0.95) -> Decimal:
    """Percentage points by which two measured accuracies may differ although the models are equally good.

    `first` and `second` are percentages, each measured on `images` images. The half-width of the normal interval for a
    difference of two independent binomial proportions, z * sqrt(p(1-p)/n + q(1-q)/n) (Agresti, Categorical Data
    Analysis, 3rd ed., section 3.1.2). It takes the images as a sample and the two sets of answers as
    independent; on one set two models' errors go together, so the true floor is lower: the bound is conservative.
    """
    from statistics import NormalDist

    z = NormalDist().inv_cdf((1 + level) / 2)
    p, q = float(first) / 100, float(second) / 100
    return Decimal(repr(round(100 * z * math.sqrt((p * (1 - p) + q * (1 - q)) / images), 4)))
