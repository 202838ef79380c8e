"""Windows over maps: their sizes as ONNX defines them, and padding that none of them reaches is none."""

from __future__ import annotations

import pytest

from networks import network
from zoodiff.readers.onnx import from_proto
from zoodiff.reducing.net import Step
from zoodiff.reducing.reduce import build
from zoodiff.reducing.window import pads_as_on, window_sizes


def conv(size: int, pads: tuple[int, ...], stride: int) -> Step:
    """A convolution of 3x3."""
    layer = f"Conv <pads = {list(pads)}, strides = {[stride] * 2}> (x, w)"
    text = f"net (float[1,3,{size},{size}] x) => (float[] y) {{ y = {layer} }}"
    return build(from_proto(network(text, w=(4, 3, 3, 3)), "net")).steps[0]


@pytest.mark.parametrize(
    ("kernel", "stride", "pad", "dilation", "up", "size"),
    [
        (7, 2, 3, 1, 0, 112),
        (3, 2, 0, 1, 0, 111),
        (3, 2, 0, 1, 1, 112),
        (3, 1, 1, 1, 0, 224),
        (3, 1, 2, 2, 0, 224),
    ],
)
def test_sizes_are_those_of_known_layers(kernel: int, stride: int, pad: int, dilation: int, up: int, size: int) -> None:
    """On 224 pixels: ResNet's first layer makes 112; 3x3 of stride 2 without padding 111, or 112 rounded up."""
    stated = {
        "kernel_shape": (kernel,) * 2,
        "strides": (stride,) * 2,
        "pads": (pad,) * 4,
        "dilations": (dilation,) * 2,
        "ceil_mode": up,
    }
    assert window_sizes(stated, (224, 224)) == (size, size)


def test_what_has_no_such_window_makes_no_sizes() -> None:
    assert window_sizes({}, (8, 8)) is None
    assert window_sizes({"kernel_shape": (3,), "pads": (1, 1)}, (8, 8)) is None


def test_padding_on_what_another_step_reads() -> None:
    """Of one pixel on both sides, windows of stride 2 on 8 pixels reach the first alone; other sizes are not told."""
    both, end = conv(9, (1, 1, 1, 1), 2), conv(8, (0, 0, 1, 1), 2)
    assert pads_as_on(both, end) == (1, 1, 0, 0)
    assert pads_as_on(end, end) == (0, 0, 1, 1)
    assert pads_as_on(both, conv(9, (0, 0, 0, 0), 1)) is None


@pytest.mark.parametrize(
    ("size", "pads", "effective"),
    [(8, (1, 1, 1, 1), (1, 1, 0, 0)), (9, (1, 1, 1, 1), (1, 1, 1, 1)), (8, (0, 0, 1, 1), (0, 0, 1, 1))],
)
def test_padding_that_no_window_reaches_is_none(size: int, pads: tuple[int, ...], effective: tuple[int, ...]) -> None:
    """A 3x3 window of stride 2 on 8 pixels with one pixel of padding before them never reaches the end's padding."""
    step = conv(size, pads, 2)
    assert step.stated["pads"] == pads
    assert step.attributes["pads"] == effective
