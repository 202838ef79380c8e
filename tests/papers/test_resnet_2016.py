"""ResNet V2: depth, where activations and projections are, and 16 units more in 200 layers than in 152."""

from __future__ import annotations

import pytest

from zoodiff.papers.resnet_2016 import UNITS
from zoodiff.reading.reference import find


@pytest.mark.parametrize("name", ["resnet50-v2", "resnet101-v2", "resnet152-v2", "resnet200-v2", "resnet200-v1"])
def test_the_name_is_the_number_of_weighted_layers_without_projections(name: str) -> None:
    nodes = find(f"paper:{name}").graph().nodes
    assert sum(node.op in ("Conv", "Gemm") for node in nodes) - 4 == int(name[6:].partition("-")[0])


def test_200_layers_have_16_units_more_on_maps_of_28() -> None:
    assert [a - b for a, b in zip(UNITS[200], UNITS[152], strict=True)] == [0, 16, 0, 0]
    assert find("paper:resnet200-v2").graph().shape("conv3_24/add1") == (1, 512, 28, 28)


def test_sums_are_not_activated_and_projections_read_what_is() -> None:
    graph = find("paper:resnet50-v2").graph()
    maker = {output: node for node in graph.nodes for output in node.outputs}
    sums = [node for node in graph.nodes if node.op == "Add"]
    assert len(sums) == sum(UNITS[50])
    for node in sums:
        readers = [reader.op for reader in graph.nodes if node.outputs[0] in reader.inputs]
        assert "Relu" not in readers
        shortcut = maker[node.inputs[1]]
        if shortcut.op == "Conv":
            assert maker[shortcut.inputs[0]].op in ("Relu", "MaxPool")


def test_one_normalization_before_each_convolution_but_the_first_and_projections_and_one_at_the_end() -> None:
    nodes = find("paper:resnet50-v2").graph().nodes
    assert sum(node.op == "BatchNormalization" for node in nodes) == 49
