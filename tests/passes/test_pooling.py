from __future__ import annotations

import pytest

from networks import network
from proof import kinds, proven


def body(text: str, shape: str = "1,6,4,5", opset: int = 18):
    return proven(network(f"net (float[{shape}] x) => (float[] y) {{ {text} }}", opset=opset))


@pytest.mark.parametrize(
    "text",
    [
        "y = GlobalAveragePool(x)",
        "y = AveragePool <kernel_shape = [4,5]> (x)",
        "y = AveragePool <kernel_shape = [4,5], strides = [4,5], count_include_pad = 1> (x)",
        "k = Constant <value_ints = [2,3]> () y = ReduceMean(x, k)",
        "k = Constant <value_ints = [-1,-2]> () y = ReduceMean(x, k)",
        "k = Constant <value_ints = [1,2]> () t = Transpose <perm = [0,2,3,1]> (x) m = ReduceMean(t, k) "
        "y = Transpose <perm = [0,3,1,2]> (m)",
        "a = GlobalAveragePool(x) y = GlobalAveragePool(a)",
        "a = GlobalAveragePool(x) y = AveragePool <kernel_shape = [1,1]> (a)",
    ],
)
def test_every_mean_over_the_map_is_one_operator(text):
    draft = body(f"{text} ")
    assert [kind for kind in kinds(draft) if kind != "Reshape"] == ["GlobalAveragePool"]


def test_dropped_axes_are_a_reshape():
    draft = body("k = Constant <value_ints = [2,3]> () y = ReduceMean <keepdims = 0> (x, k)")
    assert kinds(draft) == ["GlobalAveragePool", "Reshape"]
    assert draft.ops[1].attributes == {"shape": (1, 6)}


def test_maxima_alike():
    assert kinds(body("y = MaxPool <kernel_shape = [4,5]> (x)")) == ["GlobalMaxPool"]
    assert kinds(body("k = Constant <value_ints = [2,3]> () y = ReduceMax(x, k)")) == ["GlobalMaxPool"]


@pytest.mark.parametrize(
    "text",
    [
        "y = AveragePool <kernel_shape = [4,4]> (x)",
        "y = AveragePool <kernel_shape = [4,5], pads = [1,1,1,1]> (x)",
        "k = Constant <value_ints = [3]> () y = ReduceMean(x, k)",
        "k = Constant <value_ints = [1,2,3]> () y = ReduceMean(x, k)",
        "k = Constant <value_ints = [2,3]> () y = ReduceSum(x, k)",
    ],
)
def test_other_windows_and_axes_stay(text):
    assert "GlobalAveragePool" not in kinds(body(text))


def test_a_mean_over_the_last_of_three_axes_is_a_reduction():
    draft = body("y = GlobalAveragePool(x)", shape="1,6,20")
    assert kinds(draft) == ["ReduceMean"]
    assert draft.ops[0].attributes == {"axes": (2,), "keepdims": 1}
