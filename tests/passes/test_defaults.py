from __future__ import annotations

import pytest

from networks import network
from proof import kinds, proven


def one(text: str, shape: str = "2,3,8,8", opset: int = 17, **weights: tuple[int, ...]):
    return proven(network(f"net (float[{shape}] x) => (float[] y) {{ {text} }}", opset=opset, **weights)).ops[0]


def test_a_convolution_says_all():
    short = one("y = Conv(x, w)", w=(4, 3, 3, 3))
    long = one(
        "y = Conv <kernel_shape = [3,3], strides = [1,1], dilations = [1,1], pads = [0,0,0,0], group = 1, "
        'auto_pad = "NOTSET"> (x, w)',
        w=(4, 3, 3, 3),
    )
    assert short.attributes == long.attributes
    assert short.attributes["strides"] == (1, 1)


def test_what_training_needs_is_not_said():
    vectors = {"s": (3,), "b": (3,), "m": (3,), "v": (3,)}
    trained = one("y = BatchNormalization <momentum = 0.99> (x, s, b, m, v)", **vectors)
    assert trained.attributes == one("y = BatchNormalization(x, s, b, m, v)", **vectors).attributes == {"epsilon": 1e-5}


def test_numbers_are_as_their_authors_wrote_them():
    """float32 has no 0.1: exporters write 0.10000000149 and 0.09999999403."""
    assert one("y = Elu <alpha = 0.10000000149> (x)").attributes == {"alpha": 0.1}


@pytest.mark.parametrize(
    ("text", "shape", "opset", "expected"),
    [
        ("y = Softmax(x)", "2,5", 11, {"axis": 1}),
        ("y = Softmax(x)", "2,5,1,1", 11, {"axis": 1}),
        ("y = Softmax(x)", "2,5", 17, {"axis": 1}),
        ("y = Softmax <axis = -2> (x)", "2,5,3", 17, {"axis": 1}),
        ("y = Softmax(x)", "2,5,3", 11, {"axis": 1, "coerced": 1}),
    ],
)
def test_softmax_means_what_its_opset_says(text, shape, opset, expected):
    assert one(text, shape, opset).attributes == expected


def test_a_reduction_names_its_axes():
    assert one("y = ReduceMax(x)").attributes == {"axes": (0, 1, 2, 3), "keepdims": 1}
    assert one("y = ReduceMin <axes = [-1]> (x)").attributes == {"axes": (3,), "keepdims": 1}


def test_epsilons_that_differ_stay_apart():
    weights = {"s": (8,), "b": (8,)}
    one_, other = (one(f"y = LayerNormalization <epsilon = {e}> (x, s, b)", **weights) for e in ("0.00001", "0.00002"))
    assert one_.attributes != other.attributes


def test_it_leaves_other_operators_as_they_are():
    assert kinds(proven(network("net (float[2,3] x) => (float[] y) { y = Sin(x) }"))) == ["Sin"]
