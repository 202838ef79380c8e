"""Shortcuts: steps on one lead to its addition; an addition that is gone with its operators was its end."""

from __future__ import annotations

from networks import network
from zoodiff.attribution.shortcut import cut_at, on_shortcut
from zoodiff.readers.onnx import from_proto
from zoodiff.reducing.net import Net
from zoodiff.reducing.reduce import build

SHAPES = {"v": (8, 3, 3, 3), "w": (8, 8, 3, 3), "p": (8, 8, 1, 1)}
PROJECTED = "a = Conv (x, v) b = Conv <pads = [1,1,1,1]> (a, w) c = Conv (a, p) s = Add (b, c) y = Conv (s, w)"
IDENTITY = "a = Conv (x, v) b = Conv <pads = [1,1,1,1]> (a, w) s = Add (b, a) y = Conv (s, w)"


def net(steps: str, **shapes: tuple[int, ...]) -> Net:
    """A network from an image `x` to `y`."""
    return build(from_proto(network(f"net (float[1,3,16,16] x) => (float[] y) {{ {steps} }}", **shapes), "net"))


def test_a_projection_lies_on_a_shortcut_and_a_layer_in_a_chain_does_not() -> None:
    projected = net(PROJECTED, **SHAPES)
    first, _, projection, total, last = projected.steps
    assert on_shortcut(projected, [projection]) is total
    assert on_shortcut(projected, [first]) is None
    assert on_shortcut(projected, [last]) is None


def test_two_layers_that_an_addition_brings_together_from_two_starts_are_no_shortcut() -> None:
    """Their starts are two inputs: neither branch is made of what the other one starts from."""
    text = """net (float[1,3,16,16] x, float[1,3,16,16] z) => (float[] y) {
        a = Conv (x, v) b = Conv (z, v) s = Add (a, b) y = Conv (s, w) }"""
    two = build(from_proto(network(text, **SHAPES), "net"))
    assert on_shortcut(two, [two.steps[0]]) is None


def test_an_addition_that_is_gone_with_its_projection_was_cut_there() -> None:
    projected = net(PROJECTED, **SHAPES)
    _, _, projection, total, _ = projected.steps
    assert cut_at(projected, [projection, total]) is total


def test_a_whole_block_is_no_cut_shortcut() -> None:
    """The addition's other operand is the very tensor that the block starts from."""
    block = net(IDENTITY, **SHAPES)
    _, inside, total, _ = block.steps
    assert cut_at(block, [inside, total]) is None
