"""Inputs get the sizes asked for, by name; what the file states of other sizes is forgotten."""

from __future__ import annotations

import pytest
from onnx import TensorProto, helper

from shaped import case, inferred
from zoodiff.fault import Refusal


def test_an_unknown_batch_is_one() -> None:
    model = case("net (float[N,3,32,32] x) => (float[N,4,30,30] y) { y = Conv (x, w) }")
    assert inferred(model)["y"] == (1, 4, 30, 30)
    assert inferred(model, {"": (5, 3, 32, 32)})["y"] == (5, 4, 30, 30)


def test_unknown_heights_stay_unknown_and_are_not_taken_for_nothing() -> None:
    model = case("net (float[N,3,H,W] x) => (float[] y) { y = Conv (x, w) }")
    assert inferred(model)["y"] == (1, 4, None, None)


def test_shapes_written_in_the_file_are_not_believed() -> None:
    model = case("net (float[1,3,32,32] x) => (float[1,9,9,9] y) { c = Conv (x, w) y = Relu (c) }")
    model.graph.value_info.append(helper.make_tensor_value_info("c", TensorProto.FLOAT, (1, 7, 7, 7)))
    assert inferred(model)["c"] == inferred(model)["y"] == (1, 4, 30, 30)


TWO = "net (float[1,4] left, float[1,4] right) => (float[] y) { y = Add (left, right) }"


def test_inputs_are_named() -> None:
    model = case(TWO)
    assert inferred(model, {"left": (3, 4), "right": (3, 4)})["y"] == (3, 4)
    with pytest.raises(Refusal, match="2 inputs: 'left', 'right'"):
        inferred(model, {"": (3, 4)})
    with pytest.raises(Refusal, match="no input 'middle'") as caught:
        inferred(model, {"middle": (3, 4)})
    assert "'left', 'right'" in caught.value.hint


ONE = "net (float[1,3,32,32] x) => (float[] y) { y = Conv (x, w) }"
IMPOSSIBLE = {
    "another rank": (1, 3, 32),
    "nothing": (1, 3, 0, 32),
    "less than nothing": (1, 3, -1, 32),
}


@pytest.mark.parametrize("size", IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_a_size_that_no_input_can_have_is_refused(size: tuple[int, ...]) -> None:
    with pytest.raises(Refusal, match="input 'x'"):
        inferred(case(ONE), {"": size})
