"""What of a spread between two claims could be something else than the model: training, preprocessing and the like.

Each source of noise has a size in percentage points and says where that comes from. A size is a bound on what has been
seen, not a law: a spread beyond it is more than that source is known to do.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

import msgspec

from zoodiff.accuracy.evidence import Answers
from zoodiff.accuracy.statistics import noise_floor, paired_floor
from zoodiff.record import Preprocessing, Unmeasured, Weights

EQUAL: Final = Decimal("0.030")
"""Points by which two measurements of the same weights were apart at most where images were prepared in the same way.

Torchvision's claims of 12 sets of weights against timm's measurements of them (results/results-imagenet.csv of
huggingface/pytorch-image-models@aa4b5850; `evidence.csv` has each with its line): other machines, other software."""
DIFFERENT: Final = Decimal("2.062")
"""The same of 25 sets of weights for which timm resizes, crops or interpolates otherwise than torchvision says, the
farthest apart at a crop of 176 for 224 pixels."""

HARDWARE: Final = Decimal("0.004")
"""Of that, what another processor alone made, in one report: MLPerf's ResNet-50 with its own images and onnxruntime,
76.456 % on a CPU and 76.460 % on a GeForce RTX 3090 (mlcommons/inference#931). An AMD GPU with MIGraphX gave the CPU's
76.456 % (ROCm/AMDMIGraphX#1746). In 32-bit numbers; a fault is no noise (57.9 %, ROCm/legacy-rocm-build#5388).
"""
RUNTIME: Final = Decimal("0.01")
"""Of that, what another runtime alone makes: of 17 networks for which Open Model Zoo (2024.6.0 and 2021.4.2) prints the
accuracy in their own framework and in OpenVINO, 16 have the same figure to the 0.01 points printed. The other one,
resnet-50-tf, has 76.45 and 76.17 without a reason, and is taken for a difference in preprocessing or a slip."""

DEVIATION: Final = 0.12
"""Standard deviation of the top-1 error of ResNet-50 over 5 trainings with one recipe, in points: 23.60 % ± 0.12
(Goyal et al. 2017, arXiv 1706.02677, table 1, baseline)."""
_T: Final = 2.776
"""The 97.5 % point of Student's t with the 4 degrees of freedom that 5 trainings have."""
TRAINING: Final = Decimal(repr(round(_T * math.sqrt(2) * DEVIATION, 3)))
"""Points within which two more trainings of one network with one recipe end with 95 %: t * s * sqrt(2), since the
difference of two normal values has sqrt(2) times their deviation, and that is known from 5 values alone (Student 1908).

It was measured on ResNet-50; for other networks it is an order of magnitude."""


class Noise(msgspec.Struct, frozen=True):
    """One source of noise that may be between two claims."""

    source: str
    """`sampling`, `training`, `preprocessing` or `machine`"""
    points: Decimal
    basis: str
    """what the size rests on"""


def between(
    first: Decimal,
    second: Decimal,
    weights: tuple[Weights | None, Weights | None] = (None, None),
    answers: Answers | None = None,
) -> tuple[Noise, ...]:
    """The sources of noise between two top-1 claims, in per cent, about these weights.

    Two claims about the same weights are a class of their own: the same network answers the same images, so neither
    sampling nor training is between them. Where it is known how both answered each image (`answers`), sampling is what
    these pairs show; else it is bounded as if the two were independent, which is conservative.
    """
    found = []
    if not same_checkpoint(*weights):
        found = [
            _sampling(first, second, answers),
            Noise("training", TRAINING, "ResNet-50 trained 5 times: 23.60 ± 0.12 (arXiv 1706.02677, table 1), level "
                  "0.95; an order of magnitude for other networks"),
        ]  # fmt: skip
    if not prepared_alike(*weights):
        found.append(Noise("preprocessing", DIFFERENT, "25 sets of weights that torchvision and timm prepare images "
                           "for in two ways; the preprocessing of the two is not known to be the same"))  # fmt: skip
    found.append(
        Noise("machine", EQUAL, "12 sets of weights that torchvision and timm measured, images prepared in one way; "
              f"of that another processor alone made {HARDWARE} (mlcommons/inference#931: CPU and GPU), another "
              f"runtime alone less than {RUNTIME} (Open Model Zoo: 16 of 17 networks in OpenVINO)")
    )  # fmt: skip
    return tuple(found)


def _sampling(first: Decimal, second: Decimal, answers: Answers | None) -> Noise:
    if answers is None:
        return Noise("sampling", noise_floor(first, second), "two independent results on 50,000 images each, level "
                     "0.95; conservative, since the images are the same and only paired predictions would tell how "
                     "often both err")  # fmt: skip
    only = answers.first_only, answers.second_only
    return Noise("sampling", paired_floor(*only, answers.images), f"paired predictions on {answers.images:,} images: "
                 f"{only[0]:,} that only the first gets right, {only[1]:,} that only the second does, level 0.95 "
                 f"({answers.source})")  # fmt: skip


def same_checkpoint(one: Weights | None, other: Weights | None) -> bool:
    """Whether two sets of weights are known to be the same: by the hash of the file, or by a name that holds one."""
    if one is None or other is None:
        return False
    if one.sha256 and one.sha256 == other.sha256:
        return True
    return bool(one.file) and one.file == other.file and one.url == other.url


def prepared_alike(one: Weights | None, other: Weights | None) -> bool:
    """Whether both zoos say how images are resized and cropped, and say the same."""
    steps = [w.preprocessing if w else Unmeasured("no weights") for w in (one, other)]
    first, second = steps
    if not isinstance(first, Preprocessing) or not isinstance(second, Preprocessing):
        return False
    sizes = [(p.resize, p.crop, p.crop_fraction, p.interpolation) for p in (first, second)]
    return sizes[0] == sizes[1] and None not in (first.resize, first.crop, first.interpolation)


def exceeded(spread: Decimal, several: Iterable[Noise]) -> tuple[str, ...]:
    """The sources that a spread is larger than, each by itself."""
    return tuple(noise.source for noise in several if spread > noise.points)


def together(several: Iterable[Noise]) -> Decimal:
    """All sources at their largest in one direction: what no combination of them is known to exceed."""
    return sum((noise.points for noise in several), Decimal(0))
