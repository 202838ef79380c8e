"""AlexNet of 2012: the neurons of its figure 2 and its parameters, by arithmetic."""

from __future__ import annotations

import math

from zoodiff.reading.reference import find


def test_neurons_are_those_of_figure_2_but_for_the_first() -> None:
    graph = find("paper:alexnet-2012").graph()
    neurons = [
        math.prod(graph.shape(name) or ())
        for name in ("conv1", "conv2", "conv3", "conv4", "conv5", "fc1", "fc2", "fc3")
    ]
    assert neurons == [96 * 55 * 55, 186_624, 64_896, 64_896, 43_264, 4096, 4096, 1000]


def test_the_maps_are_the_same_at_227_without_padding() -> None:
    graphs = [find("paper:alexnet-2012").graph(), find("paper:alexnet-2012").graph({"": (1, 3, 227, 227)})]
    assert graphs[0].shape("conv1") == (1, 96, 55, 55)
    assert graphs[1].shape("conv1") == (1, 96, 56, 56), "the file's padding is for 224"


def test_response_normalization_has_an_alpha_that_is_not_divided() -> None:
    """x / (k + alpha / n * sum) ** beta with alpha = n * 1e-4 is section 3.3's formula."""
    lrn = [node.attributes for node in find("paper:alexnet-2012").graph().nodes if node.op == "LRN"]
    assert [(a["size"], round(a["alpha"] / a["size"], 9), a["beta"], a["bias"]) for a in lrn] == [
        (5, 1e-4, 0.75, 2.0)
    ] * 2
