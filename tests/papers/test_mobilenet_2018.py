"""MobileNet V2: section 3.3's formula for a bottleneck, table 2's sizes, and no expansion where it is 1."""

from __future__ import annotations

import pytest

from zoodiff.measuring.measurement import measure
from zoodiff.papers.mobilenet_2018 import ROWS
from zoodiff.reading.reference import find


def test_multiply_adds_by_the_papers_formula() -> None:
    """h w d' t (d' + k^2 + d'') of stride 1; of stride 2 the filter and the projection are on a quarter of the map."""
    size, channels, macs = 112, 32, 112 * 112 * 3 * 9 * 32
    for expansion, width, repeated, stride in ROWS:
        for number in range(repeated):
            after = size // stride if number == 0 else size
            inner = expansion * channels
            macs += (size * size * channels * inner if expansion > 1 else 0) + after * after * inner * (9 + width)
            size, channels = after, width
    macs += size * size * channels * 1280 + 1280 * 1000
    assert measure("paper:mobilenet-v2").counts.macs.value == macs


@pytest.mark.parametrize(
    ("row", "size", "width"), [(1, 112, 16), (2, 56, 24), (3, 28, 32), (4, 14, 64), (6, 7, 160), (7, 7, 320)]
)
def test_sizes_of_table_2(row: int, size: int, width: int) -> None:
    graph = find("paper:mobilenet-v2").graph()
    last = "bn3" if row > 1 else "bn2"
    assert graph.shape(f"bottleneck{row}_1/{last}") == (1, width, size, size)


def test_seventeen_bottlenecks_of_which_ten_have_a_shortcut() -> None:
    nodes = find("paper:mobilenet-v2").graph().nodes
    assert len({node.scope for node in nodes if node.scope}) == 17
    assert sum(node.op == "Add" for node in nodes) == sum(repeated - 1 for *_, repeated, _ in ROWS) == 10


@pytest.mark.parametrize(("name", "width"), [("mobilenet-v2-x0.35", 1280), ("mobilenet-v2-x1.4", 1792)])
def test_narrow_networks_keep_the_last_convolution(name: str, width: int) -> None:
    assert find(f"paper:{name}").graph().shape("conv2") == (1, width, 7, 7)
