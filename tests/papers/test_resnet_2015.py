"""ResNet V1: depth by counting layers, map sizes of table 1, and the stride that the printed FLOPs ask for."""

from __future__ import annotations

import pytest

from zoodiff.papers.resnet_2015 import UNITS
from zoodiff.reading.reference import find

PRINTED = [18, 34, 50, 101, 152]


@pytest.mark.parametrize("depth", PRINTED)
def test_the_name_is_the_number_of_weighted_layers_without_projections(depth: int) -> None:
    nodes = find(f"paper:resnet{depth}-v1").graph().nodes
    weighted = sum(node.op in ("Conv", "Gemm") for node in nodes)
    projections = 3 if depth < 50 else 4
    assert weighted - projections == depth


@pytest.mark.parametrize("depth", PRINTED)
def test_table_1(depth: int) -> None:
    graph = find(f"paper:resnet{depth}-v1").graph()
    wide = 4 if depth >= 50 else 1
    assert graph.shape("conv1") == (1, 64, 112, 112)
    for stage, (size, width) in enumerate([(56, 64), (28, 128), (14, 256), (7, 512)], 2):
        last = f"conv{stage}_{UNITS[depth][stage - 2]}"
        assert graph.shape(f"{last}/add1") == (1, wide * width, size, size)


def test_a_bottleneck_strides_in_its_first_convolution_and_its_projection() -> None:
    nodes = {node.outputs[0]: node for node in find("paper:resnet50-v1").graph().nodes}
    strided = [
        name for name, node in nodes.items() if name.startswith("conv4_") and node.attributes.get("strides") == (2, 2)
    ]
    assert [nodes[name].attributes["kernel_shape"] for name in strided] == [(1, 1), (1, 1)]


@pytest.mark.parametrize(
    ("depth", "params"), [(18, 11_689_512), (34, 21_797_672), (50, 25_557_032), (101, 44_549_160), (152, 60_192_808)]
)
def test_learned_parameters_are_those_that_torchvision_publishes(depth: int, params: int) -> None:
    from zoodiff.measuring.measurement import measure

    counts = measure(f"paper:resnet{depth}-v1").counts
    assert counts.params.value - counts.statistics == params
