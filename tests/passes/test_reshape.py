from __future__ import annotations

import pytest

from networks import network
from proof import kinds, proven


def body(text: str, shape: str = "1,6,4,5", opset: int = 17, **weights: tuple[int, ...]):
    return proven(network(f"net (float[{shape}] x) => (float[] y) {{ {text} }}", opset=opset, **weights))


@pytest.mark.parametrize(
    "text",
    [
        "y = Flatten(x)",
        "s = Constant <value_ints = [1,-1]> () y = Reshape(x, s)",
        "s = Constant <value_ints = [0,-1]> () y = Reshape(x, s)",
        "s = Constant <value_ints = [6,20]> () a = Reshape(x, s) t = Constant <value_ints = [1,120]> () y = "
        "Reshape(a, t)",
        "k = Constant <value_ints = [0]> () a = Squeeze(x, k) b = Flatten <axis = 0> (a) y = Flatten(b)",
        "k = Constant <value_ints = [1]> () a = Unsqueeze(x, k) y = Flatten(a)",
    ],
)
def test_all_that_flattens_is_one_reshape(text):
    draft = body(text)
    assert kinds(draft) == ["Reshape"]
    assert draft.ops[0].attributes == {"shape": (1, 120)}


def test_it_sinks_until_it_meets_its_inverse():
    text = """s = Constant <value_ints = [20,6]> () a = Reshape(x, s) b = MatMul(a, w) c = Add(b, v) d = Relu(c)
              t = Constant <value_ints = [1,4,5,3]> () e = Reshape(d, t) y = Sigmoid(e)"""
    assert kinds(body(text, shape="1,4,5,6", w=(6, 3), v=(3,))) == ["Gemm", "Relu", "Sigmoid"]


def test_a_bias_per_head_becomes_one_vector():
    text = """a = MatMul(x, w) s = Constant <value_ints = [1,7,2,3]> () b = Reshape(a, s) c = Add(b, v)
              t = Constant <value_ints = [1,7,6]> () y = Reshape(c, t)"""
    draft = body(text, shape="1,7,6", w=(6, 6), v=(2, 3))
    assert kinds(draft) == ["Gemm"]
    assert len(draft.ops[0].inputs) == 3


@pytest.mark.parametrize(
    "text",
    [
        "s = Constant <value_ints = [6,20]> () a = Reshape(x, s) y = Softmax <axis = 1> (a)",  # joins the axis
        "s = Constant <value_ints = [1,6,2,2,5]> () a = Reshape(x, s) y = Mul(a, v)",  # a part of a group
        "s = Constant <value_ints = [1,5,4,6]> () a = Reshape(x, s) y = Conv(a, w)",
    ],
)
def test_what_cares_for_axes_stops_it(text):
    assert kinds(body(text, v=(2, 1, 1), w=(3, 5, 1, 1)))[0] == "Reshape"


def test_softmax_before_and_after_squeezing_the_logits():
    before = (
        "s = Constant <value_ints = [1,6]> () g = GlobalAveragePool(x) a = Softmax <axis = 1> (g) y = Reshape(a, s)"
    )
    after = "s = Constant <value_ints = [1,6]> () g = GlobalAveragePool(x) a = Reshape(g, s) y = Softmax <axis = 1> (a)"
    assert kinds(body(before)) == kinds(body(after)) == ["GlobalAveragePool", "Softmax", "Reshape"]


CUT = "n = Constant <value_ints = [{}]> () a, b = Split <axis = {}> (r, n) c = Relu(a) y = Concat <axis = {}> (b, c)"


@pytest.mark.parametrize(
    ("shape", "cut", "expected"),
    [
        ("1,4,15,2", CUT.format("1,3", 1, 1), {"axis": 1, "split": (5, 15)}),  # the outer of two axes
        ("1,20,2,3", CUT.format("1,2", 3, 3), None),  # the inner of two
        ("1,120", CUT.format("60,60", 1, 1), {"axis": 1, "split": (10, 10)}),  # several axes joined
        ("1,120", CUT.format("50,70", 1, 1), None),  # a piece that is not whole rows
        ("4,5,1,6", CUT.format("2,3", 1, 1), None),
    ],
)
def test_cuts_pass_where_pieces_stay_pieces_of_one_axis(shape, cut, expected):
    text = f"s = Constant <value_ints = [{shape}]> () r = Reshape(x, s) {cut}"
    draft = body(text, shape="1,20,6")
    assert kinds(draft)[0] == ("Reshape" if expected is None else "Split")
    if expected is not None:
        assert draft.ops[0].attributes == expected


def test_a_slice_passes_as_well():
    text = """s = Constant <value_ints = [1,4,15,2]> () r = Reshape(x, s) i = Constant <value_ints = [1]> ()
              e = Constant <value_ints = [3]> () y = Slice(r, i, e, i)"""
    draft = body(text, shape="1,20,6")
    assert kinds(draft) == ["Slice", "Reshape"]
    assert draft.ops[0].attributes == {"starts": (5,), "ends": (15,), "axes": (1,)}
