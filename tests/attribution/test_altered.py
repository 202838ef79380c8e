"""What differs in two steps that face each other: told once, and not where it follows from what else differs."""

from __future__ import annotations

import pytest

from networks import network
from zoodiff.alignment.align import Pairing
from zoodiff.attribution.altered import altered
from zoodiff.readers.onnx import from_proto
from zoodiff.reducing.net import Net
from zoodiff.reducing.reduce import build

SHAPES = {"v": (8, 3, 3, 3), "w": (8, 8, 3, 3), "d": (8, 1, 3, 3), "s": (8,), "g": (8, 8)}
CHAIN = "a = {first} b = BatchNormalization <epsilon = {epsilon}> (a, s, s, s, s) c = Conv (b, w) y = {last}"
PLAIN = {"first": "Conv <pads = [1,1,1,1]> (x, v)", "epsilon": "0.001", "last": "Relu (c)"}


def net(size: int = 16, shapes: dict[str, tuple[int, ...]] | None = None, **parts: str) -> Net:
    text = f"net (float[1,3,{size},{size}] x) => (float[] y) {{ {CHAIN.format(**PLAIN | parts)} }}"
    return build(from_proto(network(text, **SHAPES | (shapes or {})), "net"))


def told(left: Net, right: Net) -> list[tuple[str, str, object, object, str]]:
    """What is found where every step faces the one at its place."""
    order = list(range(len(left.steps)))
    return [(r.op, r.what, r.left, r.right, r.group) for r in altered(left, right, Pairing(order, order))]


def test_equal_steps_do_not_differ() -> None:
    assert told(net(), net()) == []


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (net(last="LeakyRelu (c)"), ("Activation", "op", "Relu", "LeakyRelu", "architecture")),
        (net(epsilon="0.01"), ("Normalization", "epsilon", 0.001, 0.01, "detail")),
        (net(first="Conv <pads = [1,1,1,1]> (x, v, s)"), ("Conv", "bias", False, True, "detail")),
        (
            net(first="Conv <pads = [1,1,1,1], strides = [2,2]> (x, v)"),
            ("Conv", "strides", [1, 1], [2, 2], "architecture"),
        ),
        (net(first="Conv (x, v)"), ("Conv", "pads", [1, 1, 1, 1], [0, 0, 0, 0], "architecture")),
    ],
    ids=["operator", "epsilon", "bias", "stride", "padding"],
)
def test_one_change_is_told_by_both_values(other: Net, expected: tuple[object, ...]) -> None:
    assert told(net(), other) == [expected]


def test_padding_that_follows_a_kernel_is_no_change() -> None:
    """A 5x5 kernel needs two pixels of padding where a 3x3 one needs one."""
    wide = net(shapes={"v": (8, 3, 5, 5)}, first="Conv <pads = [2,2,2,2]> (x, v)")
    assert told(net(), wide) == [("Conv", "kernel_shape", [3, 3], [5, 5], "architecture")]


def test_a_width_is_one_of_classes_where_nothing_that_learns_follows() -> None:
    wider = net(shapes={"w": (9, 8, 3, 3)})
    assert told(net(), wider) == [("Conv", "out_channels", 8, 9, "interface")]
    first = net(shapes={"v": (9, 3, 3, 3), "s": (9,), "w": (8, 9, 3, 3)})
    assert told(net(), first) == [("Conv", "out_channels", 8, 9, "architecture")]


def test_a_depthwise_convolution_has_the_width_that_it_is_given() -> None:
    def depthwise(width: int) -> Net:
        text = f"""net (float[1,3,16,16] x) => (float[] y) {{
            a = Conv (x, v) b = Conv <group = {width}> (a, d) y = Conv (b, w) }}"""
        shapes = {"v": (width, 3, 3, 3), "d": (width, 1, 3, 3), "w": (8, width, 3, 3)}
        return build(from_proto(network(text, **shapes), "net"))

    assert told(depthwise(8), depthwise(16)) == [("Conv", "out_channels", 8, 16, "architecture")]
