"""Sizes that a network cannot take are refused where onnx lets them pass."""

from __future__ import annotations

import pytest

from shaped import case
from zoodiff.fault import Refusal
from zoodiff.readers import onnx as reader

IMPOSSIBLE = {
    "another number of channels": (
        "net (float[1,3,32,32] x) => (float[] y) { y = Conv (x, w) }",
        (1, 4, 32, 32),
        "takes 3 channels and gets 1x4x32x32",
    ),
    "smaller than the kernel": (
        "net (float[1,3,32,32] x) => (float[] y) { y = Conv (x, w) }",
        (1, 3, 2, 2),
        "a window larger than its input of 1x3x2x2",
    ),
    "a Reshape made for another size": (
        "net (float[1,3,4,4] x) => (float[] y) { c = Constant <value_ints=[1,48]> () y = Reshape (x, c) }",
        (1, 3, 5, 5),
        "would turn 1x3x5x5 into 1x48",
    ),
}


@pytest.mark.parametrize(("text", "size", "words"), IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_a_size_that_the_network_cannot_take_is_refused(text: str, size: tuple[int, ...], words: str) -> None:
    with pytest.raises(Refusal, match=words):
        reader.from_proto(case(text), "case", {"": size})
