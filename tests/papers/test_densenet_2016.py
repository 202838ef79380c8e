"""DenseNet: depth by counting layers, channels by the growth rate, and others' counts."""

from __future__ import annotations

import pytest

from zoodiff.measuring.measurement import measure
from zoodiff.papers.densenet_2016 import LAYERS
from zoodiff.reading.reference import find


@pytest.mark.parametrize("depth", LAYERS)
def test_the_name_is_the_number_of_weighted_layers(depth: int) -> None:
    assert measure(f"paper:densenet{depth}").counts.layers == (265 if depth == 264 else depth), "as its file says"


@pytest.mark.parametrize(("depth", "growth"), [(121, 32), (161, 48), (264, 32)])
def test_channels_grow_and_are_halved(depth: int, growth: int) -> None:
    graph = find(f"paper:densenet{depth}").graph()
    channels, size = 2 * growth, 56
    for block, layers in enumerate(LAYERS[depth], 1):
        channels += layers * growth
        assert graph.shape(f"block{block}_{layers}/concat1") == (1, channels, size, size)
        channels, size = channels // 2, size // 2


@pytest.mark.parametrize(
    ("depth", "params"), [(121, 7_978_856), (161, 28_681_000), (169, 14_149_480), (201, 20_013_928)]
)
def test_learned_parameters_are_those_that_torchvision_publishes(depth: int, params: int) -> None:
    counts = measure(f"paper:densenet{depth}").counts
    assert counts.params.value - counts.statistics == params
