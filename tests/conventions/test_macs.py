"""The convention is the measurement's own number, and a lower bound where that is one."""

from __future__ import annotations

from other_counters import by_text


def test_a_closed_form() -> None:
    text = "net (float[1,3,8,8] x) => (float[] y) { c = Conv (x, w) y = Relu (c) }"
    assert by_text("macs", text, w=(4, 3, 3, 3)) == 4 * 36 * 27
