"""ResNet V1.5: the stride of each stage stands in one 3x3 convolution, and torchvision's networks are it."""

from __future__ import annotations

import pytest

from zoodiff.reading.reference import find
from zoodiff.survey.conform import conform


@pytest.mark.parametrize("depth", [50, 101, 152])
def test_the_second_convolution_and_the_projection_stride(depth: int) -> None:
    nodes = find(f"paper:resnet{depth}-v1.5").graph().nodes
    strided = [node for node in nodes if node.op == "Conv" and node.attributes["strides"] == (2, 2)]
    assert [node.attributes["kernel_shape"][0] for node in strided] == [7, *(3 * [1, 3])]  # stem; then each stage's


@pytest.mark.parametrize("depth", [50, 101, 152])
def test_torchvision_has_v1_5_as_its_documentation_says(depth: int) -> None:
    assert conform(f"torchvision:resnet{depth}", f"resnet{depth}-v1.5").verdict == "conforms"
    assert conform(f"torchvision:resnet{depth}").verdict == "deviates"


def test_it_costs_what_torchvision_publishes() -> None:
    """4.09 GFLOPS (multiply-adds), in its table of pre-trained weights."""
    from zoodiff.measuring.measurement import measure

    assert round(measure("paper:resnet50-v1.5").counts.macs.value / 1e9, 2) == 4.09
