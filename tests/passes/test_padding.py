from __future__ import annotations

import pytest

from networks import network
from proof import TOLERANCE, error, kinds, proven
from zoodiff.readers.onnx import from_proto
from zoodiff.reducing.normalise import normalise

ZERO = "p = Constant <value_ints = [0,0,{b},{b},0,0,{e},{e}]> () v = Constant <value_float = {v}> () a = Pad({x}, p, v)"


def pad(begin: int, end: int, source: str = "x", value: str = "0.0") -> str:
    return ZERO.format(b=begin, e=end, x=source, v=value)


def padded(text: str, size: int = 8, **weights: tuple[int, ...]):
    return proven(network(f"net (float[1,3,{size},{size}] x) => (float[] y) {{ {text} }}", **weights))


@pytest.mark.parametrize(
    ("text", "pads"),
    [
        ("y = Conv <kernel_shape = [3,3], pads = [1,1,1,1]> (x, w)", (1, 1, 1, 1)),
        (f"{pad(1, 1)} y = Conv <kernel_shape = [3,3]> (a, w)", (1, 1, 1, 1)),
        (f"{pad(0, 1)} y = Conv <kernel_shape = [3,3], strides = [2,2]> (a, w)", (0, 0, 1, 1)),
        ('y = Conv <kernel_shape = [3,3], strides = [2,2], auto_pad = "SAME_UPPER"> (x, w)', (0, 0, 1, 1)),
        ('y = Conv <kernel_shape = [3,3], strides = [2,2], auto_pad = "SAME_LOWER"> (x, w)', (1, 1, 0, 0)),
        ('y = Conv <kernel_shape = [3,3], auto_pad = "VALID"> (x, w)', (0, 0, 0, 0)),
        (f"{pad(1, 0)} y = Conv <kernel_shape = [3,3], pads = [0,0,1,1]> (a, w)", (1, 1, 1, 1)),
    ],
)
def test_convolutions_have_their_own_pads(text, pads):
    draft = padded(text, w=(4, 3, 3, 3))
    assert kinds(draft) == ["Conv"]
    assert draft.ops[0].attributes["pads"] == pads


def test_dilation_counts_in_same_padding():
    """Not run: onnxruntime refuses the two together. A window of 3 with gaps reaches over 5, so that 4 are
    missing."""
    text = 'y = Conv <kernel_shape = [3,3], dilations = [2,2], auto_pad = "SAME_UPPER"> (x, w)'
    model = network(f"net (float[1,3,8,8] x) => (float[] y) {{ {text} }}", w=(4, 3, 3, 3))
    draft = normalise(from_proto(model, "test"))
    assert draft.ops[0].attributes["pads"] == (2, 2, 2, 2)
    assert draft.whole(draft.outputs[0]) == (1, 4, 8, 8)


def test_zeros_before_a_maximum_go_in_after_a_relu_only():
    window = "y = MaxPool <kernel_shape = [3,3], strides = [2,2]>"
    after_relu = padded(f"r = Relu(x) {pad(1, 1, 'r')} {window} (a)")
    assert kinds(after_relu) == ["Relu", "MaxPool"]
    assert after_relu.ops[1].attributes["pads"] == (1, 1, 1, 1)
    assert kinds(padded(f"{pad(1, 1)} {window} (a)")) == ["Pad", "MaxPool"]
    assert kinds(padded(f"t = Tanh(x) {pad(1, 1, 't')} {window} (a)")) == ["Tanh", "Pad", "MaxPool"]


def test_lowest_numbers_before_a_maximum_always_go_in():
    draft = padded(f"{pad(1, 1, value='-3.4028234e38')} y = MaxPool <kernel_shape = [3,3]> (a)")
    assert kinds(draft) == ["MaxPool"]


def test_zeros_pass_pools_and_concatenations():
    text = f"""r = Relu(x) s = Sigmoid(x) c = Concat <axis = 1> (r, s) m = MaxPool <kernel_shape = [2,2]> (c)
               {pad(0, 1, "m")} y = MaxPool <kernel_shape = [3,3], strides = [2,2]> (a)"""
    assert kinds(padded(text)) == ["Relu", "Sigmoid", "Concat", "MaxPool", "MaxPool"]


def test_zeros_before_an_average_are_counted():
    draft = padded(f"{pad(1, 1)} y = AveragePool <kernel_shape = [3,3], strides = [2,2]> (a)")
    assert kinds(draft) == ["AveragePool"]
    assert draft.ops[0].attributes["count_include_pad"] == 1


@pytest.mark.parametrize(
    "text",
    [
        f"{pad(1, 1, value='1.0')} y = Conv <kernel_shape = [3,3]> (a, w)",
        f"{pad(1, 1)} y = AveragePool <kernel_shape = [3,3], pads = [1,1,1,1]> (a)",  # its own pads are not counted
        f"{pad(3, 3)} y = AveragePool <kernel_shape = [3,3]> (a)",  # pads may not be as large as the window
        'p = Constant <value_ints = [0,0,1,1,0,0,1,1]> () a = Pad <mode = "reflect"> (x, p) y = Conv (a, w)',
        "p = Constant <value_ints = [0,0,1,1,0,0,1,1]> () a = Pad (x, p) y = Relu(a)",
    ],
)
def test_other_pads_stay(text):
    assert kinds(padded(text, w=(4, 3, 3, 3)))[0] == "Pad"


@pytest.mark.parametrize(
    ("size", "form"), [(8, ["Relu", "MaxPool"]), (9, ["Relu", "MaxPool"]), (7, ["Relu", "MaxPool"])]
)
def test_a_pool_that_rounds_up_takes_the_pads_in_where_no_window_starts_in_them(size, form):
    text = f"r = Relu(x) {pad(1, 1, 'r')} y = MaxPool <kernel_shape = [3,3], strides = [2,2], ceil_mode = 1> (a)"
    assert kinds(padded(text, size=size)) == form


def test_a_pool_that_rounds_up_keeps_a_pad_in_which_a_window_starts():
    """Six pixels and a pad of one and two: the window at 8 would start behind the image, where none may."""
    text = f"r = Relu(x) {pad(1, 2, 'r')} y = MaxPool <kernel_shape = [3,3], strides = [7,7], ceil_mode = 1> (a)"
    assert kinds(padded(text, size=6)) == ["Relu", "Pad", "MaxPool"]


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_the_proof_catches_a_pad_of_the_wrong_value(value):
    """Not a test of the pass but of what proves it: padding by ones is not what a convolution's own pads do."""
    text = f"{pad(1, 1, value=str(value))} y = Conv <kernel_shape = [3,3]> (a, w)"
    model = network(f"net (float[1,3,8,8] x) => (float[] y) {{ {text} }}", w=(4, 3, 3, 3))
    graph = from_proto(model, "test")
    draft = normalise(graph)
    assert kinds(draft) == (["Conv"] if value == 0 else ["Pad", "Conv"])
    conv = draft.ops[-1]
    draft.rewrite(
        conv, "Conv", ["x", "w"], {**conv.attributes, "pads": (1, 1, 1, 1)}
    )  # as the pass would, but for 0 only
    draft.sweep()
    assert (error(model, graph, draft) < TOLERANCE) == (value == 0)
