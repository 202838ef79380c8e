"""Torchvision's AlexNet is not that of the 2012 paper.

Held against both papers (`zoodiff conform torchvision:alexnet --paper alexnet-2012`, and `--paper alexnet-2014`). A
kernel's size is meant as the 2012 paper writes it, with its depth (5 x 5 x 48); height and width are the paper's.
"""

from __future__ import annotations

from zoodiff.reading.reference import find
from zoodiff.record import Graph
from zoodiff.statements._graphs import told as causes_told
from zoodiff.survey.conform import DEVIATION, conform
from zoodiff.survey.original import Statement
from zoodiff.survey.then import Answer, Then

RESTS_ON = "graphs"
NAME = "alexnet"
OLD, NEW = "alexnet-2012", "alexnet-2014"


def answer(then: Then, told: Statement) -> Answer:
    """Normalization, kernels, and which paper the network is nearer to."""
    network = then.entries[NAME]["torchvision"].network
    graphs = {"torchvision": network.graph(), **{name: find(f"paper:{name}").graph() for name in (OLD, NEW)}}
    shapes = {name: kernels(graph) for name, graph in graphs.items()}
    norms = {name: sum(node.op == "LRN" for node in graph.nodes) for name, graph in graphs.items()}
    held = {name: conform(network, name) for name in (OLD, NEW)}
    ways = {name: len(one.of(DEVIATION)) for name, one in held.items()}
    own, old = shapes["torchvision"], shapes[OLD]
    flat = "also" if [size[1:] for _, size in own] != [size[1:] for _, size in old] else "not"
    return Answer(
        {
            "normalization_missing": norms[OLD] > norms["torchvision"] == 0,
            "kernel_sizes_differ": [size for _, size in own] != [size for _, size in old],
            "first_kernels": own[0][0],
            "first_kernels_2012": old[0][0],
            "nearer_to_2014": ways[NEW] < ways[OLD],
        },
        f"It deviates from the 2012 paper in {ways[OLD]} ways, from the 2014 paper in {ways[NEW]}: "
        f"{'; '.join(one.cause.words for one in held[NEW].of(DEVIATION))}. Kernels by layer: {_words(own)}; in 2012 "
        f"{_words(old)}: their depth differs, since the paper's are in two groups, their height and width {flat}.",
        {
            "kernels": {name: [[number, *size] for number, size in one] for name, one in shapes.items()},
            "local_response_normalizations": norms,
            "deviations": {name: causes_told([one.cause for one in both.of(DEVIATION)]) for name, both in held.items()},
        },
    )


def kernels(graph: Graph) -> list[tuple[int, tuple[int, ...]]]:
    """Number of kernels and depth, height and width of one, for each convolution."""
    weights = [graph.constants[node.inputs[1]].shape for node in graph.nodes if node.op == "Conv"]
    return [(shape[0], shape[1:]) for shape in weights]


def _words(shapes: list[tuple[int, tuple[int, ...]]]) -> str:
    return ", ".join(f"{number} of {height}x{width}x{depth}" for number, (depth, height, width) in shapes)
