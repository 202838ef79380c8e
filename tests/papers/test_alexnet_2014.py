"""AlexNet of 2014: its list of widths does not fit its own count of parameters, as its file says."""

from __future__ import annotations

from zoodiff.measuring.measurement import measure


def params(widths: tuple[int, ...]) -> int:
    """Weights and biases of a single column with these convolutions."""
    kernels, reads = (11, 5, 3, 3, 3), (3, *widths)
    convolutions = sum(w * (r * k * k + 1) for w, r, k in zip(widths, reads, kernels, strict=False))
    return convolutions + (widths[-1] * 36 + 1) * 4096 + (4096 + 1) * 4096 + (4096 + 1) * 1000


def test_the_widths_of_the_footnote_and_the_share_of_section_5() -> None:
    before = measure("paper:alexnet-2012").counts.params.value
    stated = params((64, 192, 384, 384, 256))
    assert measure("paper:alexnet-2014").counts.params.value == stated
    assert round(100 * (stated / before - 1), 1) == 1.4
    assert round(100 * (params((64, 192, 384, 256, 256)) / before - 1), 1) == 0.2
