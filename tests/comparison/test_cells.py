"""A cell names its operator in a few words, marks those that differ, and has all that is known of it."""

from __future__ import annotations

import onnx
import pytest

from networks import network
from zoodiff.comparison.cells import Cell
from zoodiff.comparison.diffing import diff
from zoodiff.comparison.sidebyside import lay

CHAIN = """net (float[1,8,16,16] x) => (float[] y) {
  a = Conv <pads = [1, 1, 1, 1]> (x, u)
  b = Relu (a)
  c = CONV (b, v)
  d = Relu (c)
  e = GlobalAveragePool (d)
  y = Flatten (e)
}"""


def chain(conv: str, **weights: tuple[int, ...]) -> onnx.ModelProto:
    return network(CHAIN.replace("CONV", conv), u=(8, 8, 3, 3), **({"v": (8, 8, 3, 3)} | weights))


def cells(left: onnx.ModelProto, right: onnx.ModelProto) -> tuple[Cell, Cell]:
    """The cells of the second convolution of either."""
    row = lay(diff(left, right)).rows[3]
    assert row.left is not None
    assert row.right is not None
    return row.left, row.right


def test_a_changed_cell_says_what_differs() -> None:
    left, right = cells(chain("Conv <pads = [1, 1, 1, 1]>"), chain("Conv <pads = [1, 1, 1, 1], strides = [2, 2]>"))
    assert (left.text, right.text) == ("Conv 3x3, 8, /1", "Conv 3x3, 8, /2")
    assert [part.text for part in right.parts if part.differs] == ["/2"]
    assert (left.shape, right.shape) == ("8x16x16", "8x8x8")


@pytest.mark.parametrize(
    ("conv", "weight", "text"),
    [
        ("Conv <pads = [1, 1, 1, 1]>", (8, 8, 3, 3), "Conv 3x3, 8"),
        ("Conv <group = 8, pads = [1, 1, 1, 1]>", (8, 1, 3, 3), "Conv 3x3, 8, depthwise"),
        ("Conv <group = 2, pads = [1, 1, 1, 1]>", (8, 4, 3, 3), "Conv 3x3, 8, 2 groups"),
        ("Conv <dilations = [2, 2]>", (4, 8, 3, 3), "Conv 3x3, 4, dilated 2"),
        ("Conv <strides = [2, 1]>", (8, 8, 1, 5), "Conv 1x5, 8, /2x1"),
    ],
)
def test_a_cell_says_what_is_out_of_the_ordinary(conv: str, weight: tuple[int, ...], text: str) -> None:
    model = chain(conv, v=weight)
    assert {cell.text for cell in cells(model, model)} == {text}


def test_all_that_is_known_stands_in_the_facts() -> None:
    """64 weights of 3x3 at 16x16 places."""
    model = chain("Conv <pads = [1, 1, 1, 1]>")
    facts = dict(cells(model, model)[0].facts)
    assert (facts["operator"], facts["weights"], facts["tensor"]) == ("Conv", "8x8x3x3", "c")
    assert (facts["MACs"], facts["parameters"]) == (f"{64 * 9 * 256:,}", str(64 * 9))
    assert (facts["reads"], facts["makes"]) == ("1x8x16x16", "1x8x16x16")
