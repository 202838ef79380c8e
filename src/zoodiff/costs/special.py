"""What belongs to no family: scattering with a sum, determinants, losses, random numbers."""

from __future__ import annotations

import math

from zoodiff.costs._cost import Cost, dims, per_element, size
from zoodiff.record import Graph, Node


def scatter(node: Node, graph: Graph) -> Cost:
    """One operation per update where the updates are combined with what is there; otherwise data movement."""
    if node.attributes.get("reduction", "none") == "none":
        return Cost()
    return Cost(0, size(graph, node.inputs[2]))


def determinant(node: Node, graph: Graph) -> Cost:
    """Gaussian elimination: step k of n divides n - k numbers, updates (n - k)^2 by 2; then n - 1 products."""
    *batch, n, _ = dims(graph, node.inputs[0])
    elimination = n * (n - 1) // 2 + n * (n - 1) * (2 * n - 1) // 3  # the sum of rest + 2 rest^2, rest below n
    return Cost(0, math.prod(batch) * (elimination + n - 1))


def likelihood_loss(node: Node, graph: Graph) -> Cost:
    """2 per target: a weight and a sum."""
    return Cost(0, 2 * size(graph, node.inputs[1]))


def cross_entropy_loss(node: Node, graph: Graph) -> Cost:
    """LogSoftmax (5 per score) and the likelihood loss (2 per target)."""
    return Cost(0, 5 * size(graph, node.inputs[0]) + 2 * size(graph, node.inputs[1]))


OPERATORS = {
    **dict.fromkeys(("ScatterElements", "ScatterND"), scatter),
    "Det": determinant,
    "NegativeLogLikelihoodLoss": likelihood_loss,
    "SoftmaxCrossEntropyLoss": cross_entropy_loss,
    # a drawn number is one operation, whatever the generator
    **dict.fromkeys(("RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike"), per_element(1)),
    "Bernoulli": per_element(2),  # a drawn number, a comparison
}
