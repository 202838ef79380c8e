"""Attribution: shares add up to the gap exactly, and a single change gets all of it."""

from __future__ import annotations

from networks import network
from zoodiff.alignment.align import align
from zoodiff.attribution.attribute import attribute
from zoodiff.attribution.causes import roots
from zoodiff.attribution.root import Root
from zoodiff.readers.onnx import from_proto
from zoodiff.reducing.reduce import build

TEXT = """net (float[1,3,{size},{size}] x) => (float[] y) {{
  a = Conv <pads = [1,1,1,1], strides = [{s},{s}]> (x, w) b = Relu (a) y = Conv <pads = [1,1,1,1]> (b, v) }}"""


def shared(left: dict[str, tuple[int, ...]], right: dict[str, tuple[int, ...]], strides: tuple[int, int]) -> list[Root]:
    nets = [
        build(from_proto(network(TEXT.format(size=16, s=s), **shapes), "net"))
        for shapes, s in zip((left, right), strides, strict=True)
    ]
    pairing = align(*nets)
    causes = roots(*nets, pairing)
    assert attribute(*nets, pairing, causes) == (0, 0)
    return causes


def effects(root: Root) -> tuple[int, int]:
    rows = [row for rows in root.effects.values() for row in rows]
    return sum(macs for _, macs, _ in rows), sum(params for *_, params in rows)


def test_a_wider_layer_pays_for_itself_and_for_what_reads_it() -> None:
    """By hand: 16 x 16 positions, kernel 9; 4 more channels out of 3, then 4 more into 5."""
    (width,) = shared({"w": (8, 3, 3, 3), "v": (5, 8, 3, 3)}, {"w": (12, 3, 3, 3), "v": (5, 12, 3, 3)}, (1, 1))
    assert (width.macs, width.params) == (256 * 9 * 3 * 4, 9 * 3 * 4)
    assert effects(width) == (256 * 9 * 4 * 5, 9 * 4 * 5)


def test_two_causes_share_one_layer_in_turn() -> None:
    """Stride 2 leaves a quarter of the positions: upstream first, so that the reader's width is paid at 8 x 8."""
    causes = shared({"w": (8, 3, 3, 3), "v": (5, 8, 3, 3)}, {"w": (12, 3, 3, 3), "v": (5, 12, 3, 3)}, (1, 2))
    stride, width = (next(c for c in causes if c.what == what) for what in ("strides", "out_channels"))
    assert stride.macs == (64 - 256) * 9 * 3 * 8
    assert width.macs == 64 * 9 * 3 * 4
    assert effects(stride) == ((64 - 256) * 9 * 8 * 5, 0)
    assert effects(width) == (64 * 9 * 4 * 5, 9 * 4 * 5)
    total = sum(c.macs + effects(c)[0] for c in causes)
    assert total == 64 * 9 * (3 * 12 + 12 * 5) - 256 * 9 * (3 * 8 + 8 * 5)
