"""Look at a claim after every image, and stop as soon as it is decided: the chance of error stays what it was.

The images come in random order, without replacement, from a population of known size. The confidence sequence is that
of Waudby-Smith and Ramdas 2020 (arXiv 2006.04347, section 2: the prior-posterior-ratio martingale with a beta-binomial
prior over the number of right answers in the whole population): with probability 1 - alpha the true number is in the
interval after every image at once, however often one looks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from math import lgamma
from typing import Final, Literal

from zoodiff.accuracy.claim import step
from zoodiff.accuracy.statistics import RERUN, VALIDATION_IMAGES, Counts, rounding
from zoodiff.fault import Refusal
from zoodiff.record import Claim

Decision = Literal["holds", "refuted"]

PRIOR_IMAGES: Final = 200
"""How many images the prior is worth, spread as the claim says.

It puts the truth within some three points of an accuracy of 76 %: what claims are wrong by. The intervals are valid
under any prior that is set before the first image; this one only decides where they are narrow.
"""


@dataclass(frozen=True)
class Sequential:
    """A claim on a population of images that are seen one after the other in random order.

    `holds`: the interval lies within the numbers of which the claim is true, or `margin` percentage points of them.
    `refuted`: the interval has left those, and those within a rerun's spread (0.030 points). Both are wrong with
    probability `alpha` at most, together and whenever one stops. Without a margin a true claim is decided only when
    nearly all images have been seen, since only then the interval is as narrow as the claim's rounding.
    """

    claim: Claim
    population: int = VALIDATION_IMAGES
    alpha: float = 0.05
    margin: Decimal = Decimal(0)

    @cached_property
    def claimed(self) -> Counts:
        """The numbers of right answers of which the claim is true."""
        return rounding(self.claim.value, step(self.claim), self.population)

    def update(self, correct: int, n: int) -> Decision | None:
        """What is decided when `correct` of the first `n` images (all so far, not since the last call) are right.

        None where nothing is yet; of the whole population only a miss that a rerun explains stays undecided. Raises
        Refusal on impossible counts.
        """
        self._check(correct, n)
        if self._within(self.claimed.widened(self.margin), correct, n):
            return "holds"
        loose = self.claimed.widened(max(self.margin, RERUN))
        return "refuted" if self._highest(loose, correct, n) <= self._bar else None

    def interval(self, correct: int, n: int) -> Counts:
        """The numbers of right answers in the population that are not excluded after `correct` of the first `n`."""
        self._check(correct, n)
        middle = self._likeliest(correct, n)
        least, most = correct, self.population - (n - correct)
        low, high = middle, middle
        while least < low:
            at = (least + low) // 2
            least, low = (least, at) if self._support(at, correct, n) > self._bar else (at + 1, low)
        while high < most:
            at = (high + most + 1) // 2
            high, most = (at, most) if self._support(at, correct, n) > self._bar else (high, at - 1)
        return Counts(low, high, self.population)

    def p_value(self, correct: int, n: int, claimed: Counts | None = None) -> float:
        """How well the images so far agree with the claim (or with other counts): valid at any time of stopping."""
        self._check(correct, n)
        return min(1.0, math.exp(min(0.0, self._highest(claimed or self.claimed, correct, n))))

    def generalises(self, correct: int, n: int) -> tuple[float, float]:
        """Where the chance of a right answer may lie, as percentages, whenever one stops: for endlessly many images.

        The same martingale where nothing is ever used up: the beta-binomial mixture (Robbins 1970, Annals of
        Mathematical Statistics 41, 1397-1409).
        """
        self._check(correct, n)
        wrong, evidence = n - correct, self._evidence(correct, n)

        def kept(chance: float) -> bool:
            some = [(correct, chance), (wrong, 1 - chance)]
            return sum(k * math.log(p) if p > 0 else -math.inf for k, p in some if k) - evidence > self._bar

        edges = []
        for end in (0.0, 1.0):
            out, kept_at = end, correct / n if n else 0.5
            if kept(end):
                kept_at = end
            for _ in range(60):
                middle = (out + kept_at) / 2
                out, kept_at = (out, middle) if kept(middle) else (middle, kept_at)
            edges.append(100 * kept_at)
        return edges[0], edges[1]

    @property
    def _bar(self) -> float:
        return math.log(self.alpha)

    @cached_property
    def _prior(self) -> tuple[float, float]:
        """Right and wrong answers that the prior is worth, one of each at least."""
        right = PRIOR_IMAGES * float(self.claim.value) / 100
        return max(1.0, right), max(1.0, PRIOR_IMAGES - right)

    def _evidence(self, correct: int, n: int) -> float:
        """The logarithm of how probable this very order of right and wrong answers is under the prior."""
        a, b = self._prior
        return _beta(a + correct, b + n - correct) - _beta(a, b)

    def _support(self, total: int, correct: int, n: int) -> float:
        """The logarithm of posterior over prior, if `total` of the population are right.

        The posterior over the prior is the likelihood over the evidence. The likelihood of an order of answers is that
        of drawing right ones and wrong ones from `total` and the rest.
        """
        wrong, others = n - correct, self.population - total
        if total < correct or others < wrong:
            return -math.inf
        likelihood = (
            (lgamma(total + 1) - lgamma(total - correct + 1))
            + (lgamma(others + 1) - lgamma(others - wrong + 1))
            - (lgamma(self.population + 1) - lgamma(self.population - n + 1))
        )
        return likelihood - self._evidence(correct, n)

    def _likeliest(self, correct: int, n: int) -> int:
        """The number of right answers in the population that makes what was seen likeliest."""
        return min(self.population, correct * (self.population + 1) // n) if n else self.claimed.least

    def _highest(self, claimed: Counts, correct: int, n: int) -> float:
        """The largest support of a claim's counts: the likelihood has one peak, so it is at the peak or an edge."""
        return self._support(min(max(self._likeliest(correct, n), claimed.least), claimed.most), correct, n)

    def _within(self, claimed: Counts, correct: int, n: int) -> bool:
        """Whether all numbers that are not excluded are among these."""
        if self._likeliest(correct, n) not in claimed:
            return False
        beyond = [total for total in (claimed.least - 1, claimed.most + 1) if 0 <= total <= self.population]
        return all(self._support(total, correct, n) <= self._bar for total in beyond)

    def _check(self, correct: int, n: int) -> None:
        if not 0 <= correct <= n <= self.population:
            raise Refusal(f"{correct:,} right answers among {n:,} of {self.population:,} images are not possible")


def _beta(a: float, b: float) -> float:
    """The logarithm of the beta function."""
    return lgamma(a) + lgamma(b) - lgamma(a + b)
