"""Words of the pictures of a difference: the verdict, shares of the gap, costs side by side."""

from __future__ import annotations

import pytest

from zoodiff.comparison.difference import Cause, Difference, Gap
from zoodiff.comparison.diffing import diff
from zoodiff.views import _diff


@pytest.mark.parametrize(
    ("pair", "words"),
    [
        (("torchvision:resnet50", "torchvision:resnet50"), "The same network: nothing differs"),
        (
            ("onnx:squeezenet1.0-9", "torchvision:squeezenet1_1"),
            "The same architecture: 1 difference at the interface.",
        ),
        (("torchvision:resnet18", "torchvision:resnet34"), "Not the same network: 4 differences in architecture."),
    ],
)
def test_the_verdict(pair: tuple[str, str], words: str) -> None:
    assert _diff.verdict(diff(*pair)).startswith(words)


@pytest.mark.parametrize(
    ("left", "right", "words"),
    [
        (4_089_184_256, 3_857_973_248, "4,089.18 M → 3,857.97 M (−5.65 %)"),
        (1_498_376_192, 1_498_377_216, "1,498.38 M → 1,498.38 M (+1,024)"),
        (0, 2_000_000, "0.00 M → 2.00 M (+2.00 M)"),
        (5_000_000, 5_000_000, "5.00 M in both"),
    ],
)
def test_both_costs_in_words(left: int, right: int, words: str) -> None:
    assert _diff.gap_words(Gap(left, right, right - left)) == words


@pytest.fixture(scope="module")
def difference() -> Difference:
    """A gap of -231,211,008 multiply-accumulates and +26,560 parameters."""
    return diff("torchvision:resnet50", "keras:ResNet50")


@pytest.mark.parametrize(
    ("macs", "params", "words"),
    [
        (-231_211_008, 0, "−231.21 M MACs, 100 % of gap"),
        (23_121_101, 0, "+23.12 M MACs, −10 % of gap"),
        (-1_000, 0, "−1,000 MACs, under 1 % of gap"),
        (0, 13_280, "+0.01 M parameters, 50 % of gap"),
        (0, 0, "no cost"),
    ],
)
def test_shares_of_the_gap(macs: int, params: int, words: str, difference: Difference) -> None:
    cause = Cause(
        kind="changed", op="Conv", what="strides", words="", left=None, right=None, macs_delta=macs, params_delta=params
    )
    assert _diff.share(cause, difference) == words
