"""onnx-opcounter: the tool's own totals for the files of the bundled snapshots, and its rules one by one."""

from __future__ import annotations

import pytest

from other_counters import by_ref, by_text, said
from zoodiff.record import Unmeasured


@pytest.mark.parametrize(("ref", "total"), said("onnx-opcounter"))
def test_the_tool_says_the_same(ref: str, total: int) -> None:
    assert by_ref("onnx-opcounter", ref) == total


def test_the_papers_figure_for_squeezenet_1_1() -> None:
    """What the zoo's file called 1.0 holds; the 2022 study has torchvision's 1.0 at 2.31 times this."""
    own = by_ref("onnx-opcounter", "onnx:squeezenet1.0-9")
    theirs = by_ref("fvcore", "torchvision:squeezenet1_0")
    assert isinstance(own, int)
    assert isinstance(theirs, int)
    assert 2.31 <= theirs / own < 2.32


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("y = Conv <kernel_shape = [3, 3], group = 3> (x, w)", 3 * 36 * 9),
        ("y = Relu (x)", 192),
        ("y = Add (one, x)", 1),  # the first input's elements, broadcast or not
        ("y = Add (x, one)", 192),
        ("y = Identity (x)", 192),  # unsupported: the output's elements
        ("y = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (x)", 48),
        ("y = Transpose (x)", 0),
        ("y = BatchNormalization (x, s, s, s, s)", 384),
        ("y = Resize <mode = \"linear\"> (x, , scales)", 4 * 192 * 11),
        ("y = Resize <mode = \"nearest\"> (x, , scales)", 0),
    ],
)  # fmt: skip
def test_a_rule(line: str, count: int) -> None:
    scales = "float[4] scales = {1.0, 1.0, 2.0, 2.0}" if "scales" in line else ""
    text = f"net (float[1,3,8,8] x) => (float[] y) <{scales}> {{ {line} }}"
    assert by_text("onnx-opcounter", text, w=(3, 1, 3, 3), s=(3,), one=(1,)) == count


@pytest.mark.parametrize("line", ["y = Conv (x, w)", "y = Resize <mode = \"cubic\"> (x, , scales)"])  # fmt: skip
def test_where_the_tool_fails_there_is_no_figure(line: str) -> None:
    text = f"net (float[1,3,8,8] x) => (float[] y) <float[4] scales = {{1.0, 1.0, 2.0, 2.0}}> {{ {line} }}"
    found = by_text("onnx-opcounter", text, w=(3, 3, 3, 3))
    assert isinstance(found, Unmeasured)
    assert "the tool fails" in found.reason
