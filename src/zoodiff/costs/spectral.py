"""Fourier transforms and their windows.

A transform of length n is 5 n log2 n operations, the logarithm rounded up (the radix-2 algorithm of Cooley and Tukey
1965; the figure by which FFTW reports speed).
"""

from __future__ import annotations

import math

from zoodiff.costs._cost import Cost, Uncountable, dims, per_element, present
from zoodiff.record import Graph, Node


def transform(length: int) -> int:
    """Operations of one Fourier transform."""
    return 5 * length * (length - 1).bit_length()


def fourier(node: Node, graph: Graph) -> Cost:
    """One transform per row along the axis (input 2; an attribute before opset 20); input 1 is its length."""
    shape = dims(graph, node.inputs[0])
    axis = _scalar(node, graph, 2)
    if axis is None:
        axis = node.attributes.get("axis", 1 if graph.opset < 20 else -2)
    rows = math.prod(n for at, n in enumerate(shape[:-1]) if at != axis % len(shape))
    length = _scalar(node, graph, 1)
    return Cost(0, rows * transform(shape[axis] if length is None else length))


def short_time(node: Node, graph: Graph) -> Cost:
    """Per frame a multiplication by the window and a transform; inputs signal, step, window, frame length."""
    batch, frames, *_ = dims(graph, node.outputs[0])
    windowed = present(node.inputs, 2)
    length = _scalar(node, graph, 3)
    if length is None:
        length = dims(graph, node.inputs[2])[0]
    return Cost(0, batch * frames * (transform(length) + (length if windowed else 0)))


def _scalar(node: Node, graph: Graph, position: int) -> int | None:
    """The value of an optional input; raises Uncountable where it is there and is no known constant."""
    if not present(node.inputs, position):
        return None
    constant = graph.constants.get(node.inputs[position])
    if constant is None or constant.data is None:
        raise Uncountable(f"value of {node.inputs[position]!r} is not known")
    return int(constant.data.ravel()[0])


OPERATORS = {
    "DFT": fourier,
    "STFT": short_time,
    "HannWindow": per_element(4),  # a - b cos(c n)
    "HammingWindow": per_element(4),
    "BlackmanWindow": per_element(8),  # a second cosine
}
