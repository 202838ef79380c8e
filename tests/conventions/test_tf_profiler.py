"""TensorFlow's profiler: its own totals for networks of Keras 2 (batch normalization is one operator), its rules."""

from __future__ import annotations

import pytest

from other_counters import by_ref, by_text, said
from zoodiff.record import Unmeasured

SETTINGS = 10
"""operations on a few constants, which differ between Keras 2 and the graphs of Keras 3 in the snapshot"""


@pytest.mark.parametrize(("ref", "total"), said("tf-profiler", "tf_keras:"))
def test_the_tool_says_the_same(ref: str, total: int) -> None:
    name = ref.removeprefix("tf_keras:")
    found = by_ref("tf-profiler", f"keras:{name}")
    assert isinstance(found, int)
    assert abs(found - total) <= SETTINGS


def test_the_papers_figure_for_resnet_v2_50() -> None:
    """3.49 G in the 2022 study, for Keras: half of the profiler's operations."""
    found = by_ref("tf-profiler", "keras:ResNet50V2")
    assert isinstance(found, int)
    assert f"{found / 2e9:.2f}" == "3.49"


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("y = Conv <group = 3> (x, w)", 3 * 36 * 9 * 2),
        ("y = Conv <group = 3> (x, w, s)", 3 * 36 * (9 * 2 + 1)),
        ("y = BatchNormalization (x, s, s, s, s)", 0),
        ("y = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (x)", 192),
        ("y = AveragePool <kernel_shape = [3, 3], pads = [1, 1, 1, 1]> (x)", 9 * 192),
        ("y = GlobalAveragePool (x)", 192),
        ("y = ReduceSum <keepdims = 0> (x)", 191),
        ("y = Softmax (x)", 5 * 192),
        ("y = Add (one, x)", 192),
        ("y = Sum (x, x, x)", 384),
        ("y = Sigmoid (x)", 0),
        ("r = Sqrt (x) y = Reciprocal (r)", 2 * 192),  # Rsqrt
    ],
)  # fmt: skip
def test_a_rule(line: str, count: int) -> None:
    text = f"net (float[1,3,8,8] x) => (float[] y) {{ {line} }}"
    assert by_text("tf-profiler", text, w=(3, 1, 3, 3), s=(3,), one=(1,)) == count


def test_a_dense_layer() -> None:
    text = "net (float[2,8] x) => (float[] y) { a = Gemm (x, w, b) y = MatMul (a, v) }"
    assert by_text("tf-profiler", text, w=(8, 4), b=(4,), v=(4, 3)) == 2 * 2 * 8 * 4 + 2 * 4 + 2 * 2 * 4 * 3


@pytest.mark.parametrize(
    ("line", "word"),
    [("y = LayerNormalization (x, s)", "LayerNormalization"), ("y = MatMul (x, x)", "Einsum")],
)  # fmt: skip
def test_what_tensorflow_would_make_of_it_is_not_guessed(line: str, word: str) -> None:
    found = by_text("tf-profiler", f"net (float[1,3,8,8] x) => (float[] y) {{ {line} }}", s=(8,))
    assert isinstance(found, Unmeasured)
    assert word in found.reason
