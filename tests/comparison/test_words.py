"""A root cause reads as a person would say it, from both sides."""

from __future__ import annotations

import pytest

from zoodiff.comparison.words import Layer, Side, sentence, short


def conv(kernel: int, channels: int, stride: int = 1, at: int = 8) -> Layer:
    return Layer("Conv", (kernel, kernel), (stride, stride), channels, (at, at))


def side(value: object, *layers: Layer) -> Side:
    return Side(value, tuple(f"n{at}" for at in range(len(layers) or 1)), layers)


POOLS = (Layer("MaxPool", (3, 3), (2, 2), 64, (27, 27)), Layer("MaxPool", (3, 3), (2, 2), 96, (27, 27)))
CASES = [
    (
        ("changed", "Conv", "kernel_shape", side([3, 3], conv(3, 8)), side([7, 7], conv(7, 8)), 1),
        "convolution: kernel 3x3 against 7x7",
    ),
    (
        ("changed", "Conv", "pads", side([1, 1, 1, 1], conv(3, 8)), side([0, 0, 1, 1], conv(3, 8)), 2),
        "3x3 convolution: padding 1 against 0 before and 1 after at 2 places",
    ),
    (
        ("changed", "Conv", "pads", side([1, 0, 1, 0], conv(3, 8)), side([0, 1, 1, 1], conv(3, 8)), 1),
        "3x3 convolution: padding 1x0 before and 1x0 after against 0x1 before and 1x1 after",
    ),
    (
        ("changed", "Conv", "out_channels", side([8, 16], conv(3, 8)), side([4, 8], conv(3, 4)), 2),
        "3x3 convolution: width 8 to 16 against 4 to 8 (x 0.5) at 2 places",
    ),
    (
        ("changed", "Activation", "op", side("Swish", Layer("Swish")), side("Relu", Layer("Relu")), 16),
        "Activation: SiLU against ReLU at 16 places",
    ),
    (
        ("changed", "MaxPool", "ceil_mode", side(1, POOLS[0]), side(0, POOLS[0]), 1),
        "3x3 max-pooling: output size rounded up (ceil_mode) against rounded down",
    ),
    (
        ("missing", "LRN", "layer", side("LRN", Layer("LRN")), None, 2),
        "local response normalization at 2 places only on the left",
    ),
    (
        ("added", "Normalization", "layer", side(None), side("LRN", Layer("LRN")), 1),
        "a normalization (local response normalization) only on the right",
    ),
    (
        ("added", "Block", "layer", None, side(["Conv"] * 2 + ["Relu"], conv(3, 256), conv(3, 256), Layer("Relu")), 1),
        "a block of 2 3x3 convolutions of 256 at 8x8 only on the right",
    ),
    (
        ("added", "Block", "layer", None, side([], conv(1, 4), conv(3, 4), conv(1, 4), conv(3, 4)), 2),
        "2 blocks, each of 1x1 convolution of 4, 3x3 convolution of 4 at 8x8 only on the right",
    ),
    (
        ("changed", "Shortcut", "op", side("MaxPool"), side("Conv"), 3),
        "the shortcut is max-pooling against a convolution at 3 places",
    ),
    (
        (
            "changed",
            "Conv",
            "strides",
            side([[2, 2], [1, 1]] * 2, conv(1, 8, 2), conv(3, 8), conv(1, 16, 2), conv(3, 16)),
            side([[1, 1], [2, 2]] * 2, conv(1, 8), conv(3, 8, 2), conv(1, 16), conv(3, 16, 2)),
            2,
        ),
        "the stride sits on the 1x1 convolution of 8 and 16 against the 3x3 convolution of 8 and 16",
    ),
    (
        ("rewired", "MaxPool", "wiring", side("MaxPool", POOLS[0]), side("MaxPool", POOLS[1]), 1),
        "max-pooling at another place: it makes 64 x 27x27 against 96 x 27x27",
    ),
    (("added", "Softmax", "layer", side([]), side(["Softmax"]), 1), "head (Softmax) only on the right"),
    (
        ("missing", "Input", "preprocessing", side(["Sub", "Div"]), side([]), 1),
        "preprocessing in the graph (Sub, Div) only on the left",
    ),
    (
        ("input", "Input", "input_shape", side([1, 3, 8, 8]), side([1, 3, 9, 9]), 1),
        "the input is 1x3x8x8 against 1x3x9x9",
    ),
]


@pytest.mark.parametrize(("cause", "said"), CASES, ids=[said for _, said in CASES])
def test_a_cause_in_words(cause: tuple[str, str, str, Side | None, Side | None, int], said: str) -> None:
    assert sentence(*cause) == said


def test_a_value_without_a_word_of_its_own_is_shown_as_it_is() -> None:
    assert sentence("changed", "Foo", "bar", side("x"), side("y"), 1) == "Foo: bar x against y"


SHORT = [
    (("changed", "Conv", "kernel_shape", side([5, 5], conv(5, 8)), side([3, 3], conv(3, 8)), 9), "kernel 3x3 for 5x5"),
    (("missing", "Normalization", "layer", side("LRN", Layer("LRN")), None, 2), "without local response normalization"),
    (("added", "Activation", "layer", None, side("Relu", Layer("Relu")), 1), "with ReLU"),
    (("missing", "Block", "layer", side(None, conv(3, 8), conv(3, 8)), None, 2), "without 2 blocks"),
    (("changed", "Activation", "op", side("Swish", Layer("Swish")), side("Relu", Layer("Relu")), 16), "ReLU for SiLU"),
    (("changed", "Shortcut", "op", side("Conv"), side("MaxPool"), 3), "max-pooling as shortcut"),
    (
        (
            "changed", "Conv", "strides",
            side(None, conv(1, 64, 2), conv(3, 64)), side(None, conv(1, 64), conv(3, 64, 2)), 1,
        ),
        "stride in the 3x3 convolution of 64",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("cause", "words"), SHORT)
def test_a_name_says_it_in_few_words(cause: tuple[object, ...], words: str) -> None:
    assert short(*cause).endswith(words)  # type: ignore[arg-type]


def test_the_bias_of_local_response_normalization_is_a_number() -> None:
    lrn = Layer("LRN")
    told = sentence("changed", "LRN", "bias", side(2, lrn), side(1, lrn), 2)
    assert told == "local response normalization: bias 2 against 1 at 2 places"
