"""SqueezeNet: maps, the fire modules' arithmetic of section 5.1, and 1.1 against 1.0."""

from __future__ import annotations

from zoodiff.measuring.measurement import measure
from zoodiff.papers.squeezenet_2016 import FIRES
from zoodiff.reading.reference import find


def test_maps_of_227() -> None:
    graph = find("paper:squeezenet-1.0").graph()
    sizes = [graph.shape(name) for name in ("conv1", "pool1", "pool2", "pool3", "conv2")]
    assert sizes == [(1, 96, 111, 111), (1, 96, 55, 55), (1, 256, 27, 27), (1, 512, 13, 13), (1, 1000, 13, 13)]


def test_the_widths_follow_from_section_5_1() -> None:
    base, step, share, every, ratio = 128, 128, 0.5, 2, 0.125
    expand = [base + step * (number // every) for number in range(8)]
    assert list(FIRES.values()) == [(int(ratio * e), int(share * e)) for e in expand]


def test_1_1_is_cheaper_by_what_its_file_says() -> None:
    for size, ratio in ((224, 2.35), (227, 2.15)):
        old, new = (measure(f"paper:squeezenet-1.{v}", {"": (1, 3, size, size)}).counts.macs.value for v in (0, 1))
        assert round(old / new, 2) == ratio
