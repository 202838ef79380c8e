"""TensorFlow's profiler: its own totals for networks of Keras 3, which writes batch normalization out."""

from __future__ import annotations

import numpy as np
import pytest

from other_counters import by_ref, by_text, said
from zoodiff.conventions.tf_profiler_decomposed import _ones
from zoodiff.record import Constant

TOLERANCE = 1e-6
"""a layer without a scale has one operation less per channel, which the snapshot, keeping no data of more than 256
numbers, does not show (InceptionV3: 6e-7); operations on a few constants may be folded (3 of EfficientNetV2B0)"""


@pytest.mark.parametrize(("ref", "total"), said("tf-profiler", "keras:"))
def test_the_tool_says_the_same(ref: str, total: int) -> None:
    found = by_ref("tf-profiler-decomposed", ref)
    assert isinstance(found, int)
    assert abs(found - total) <= TOLERANCE * total


def test_a_normalization() -> None:
    text = "net (float[1,3,8,8] x) => (float[] y) { y = BatchNormalization (x, s, s, s, s) }"
    assert by_text("tf-profiler-decomposed", text, s=(3,)) == 2 * 192 + 6 * 3


def test_a_scale_of_ones_is_none() -> None:
    ones = "float[3] ones = {1.0, 1.0, 1.0}"
    text = f"net (float[1,3,8,8] x) => (float[] y) <{ones}> {{ y = BatchNormalization (x, ones, s, s, s) }}"
    assert by_text("tf-profiler-decomposed", text, s=(3,)) == 2 * 192 + 5 * 3


@pytest.mark.parametrize("dtype", ["float32", "float16", "float64"])
def test_a_scale_of_ones_is_none_whatever_its_type(dtype: str) -> None:
    def scale(*values: float) -> Constant:
        return Constant("s", dtype, (len(values),), np.array(values, dtype))

    assert _ones(scale(1, 1, 1), 3)
    assert not _ones(scale(1, 1, 2), 3)
    assert not _ones(scale(2, 2, 2), 3)
    assert not _ones(Constant("s", dtype, (3,)), 3)
