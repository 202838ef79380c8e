"""Convolutions, transposed and deformable ones.

Group, dilations, strides and padding need no term of their own: they are in the shapes of the weight and the output.
Padded positions count as multiplied. A bias is one addition per output element.
"""

from __future__ import annotations

import math

from zoodiff.costs._cost import Cost, dims, present, size
from zoodiff.record import Graph, Node


def convolution(node: Node, graph: Graph) -> Cost:
    """Output elements x kernel volume x input channels of one group: the weight is (M, C / group, k1, ..., kn)."""
    output = size(graph, node.outputs[0])
    return Cost(output * math.prod(dims(graph, node.inputs[1])[1:]), output if present(node.inputs, 2) else 0)


def transposed(node: Node, graph: Graph) -> Cost:
    """Input elements x kernel volume x output channels of one group: the weight is (C, M / group, k1, ..., kn)."""
    macs = size(graph, node.inputs[0]) * math.prod(dims(graph, node.inputs[1])[1:])
    return Cost(macs, size(graph, node.outputs[0]) if present(node.inputs, 2) else 0)


def deformable(node: Node, graph: Graph) -> Cost:
    """As a convolution; each value that the kernel reads is first interpolated between 4 neighbours (7 operations).

    Per image and output position, every input channel is read at every kernel position. A mask is one multiplication
    more for each. Inputs: X, W, offset, B, mask. Source: Dai et al. 2017, equations 2 to 4.
    """
    channels, *_ = dims(graph, node.inputs[0])[1:]
    weight = dims(graph, node.inputs[1])
    batch, _, *space = dims(graph, node.outputs[0])
    read = batch * channels * math.prod(weight[2:]) * math.prod(space)
    output = size(graph, node.outputs[0])
    bias = output if present(node.inputs, 3) else 0
    return Cost(output * math.prod(weight[1:]), read * (8 if present(node.inputs, 4) else 7) + bias)


def causal(node: Node, graph: Graph) -> Cost:
    """A depthwise convolution over time (input elements x kernel length), with the Swish that may be fused into it."""
    output = size(graph, node.outputs[0])
    activation = 5 if node.attributes.get("activation", "none") in ("silu", "swish") else 0
    bias = 1 if present(node.inputs, 2) else 0
    return Cost(output * dims(graph, node.inputs[1])[2], output * (bias + activation))


OPERATORS = {
    "Conv": convolution,
    "ConvTranspose": transposed,
    "DeformConv": deformable,
    "CausalConvWithState": causal,
    "com.microsoft::ConvTransposeWithDynamicPads": transposed,
}
