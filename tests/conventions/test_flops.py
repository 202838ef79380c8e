"""The convention is the measurement's own number: 2 per multiply-accumulate, and all else."""

from __future__ import annotations

from other_counters import by_text


def test_a_closed_form() -> None:
    text = "net (float[1,3,8,8] x) => (float[] y) { c = Conv (x, w, b) y = Relu (c) }"
    assert by_text("flops", text, w=(4, 3, 3, 3), b=(4,)) == 4 * 36 * (2 * 27 + 1 + 1)
