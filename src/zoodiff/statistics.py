"""How far two accuracies can lie apart by chance alone."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Final

VALIDATION_IMAGES: Final = 50_000
"""Images in the ImageNet-1k validation set (Russakovsky et al. 2015, arXiv 1409.0575, table 2)."""


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
