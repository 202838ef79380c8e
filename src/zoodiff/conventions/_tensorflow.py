"""The rules of TensorFlow's profiler for what ONNX operators are in TensorFlow; batch normalization is the caller's."""

from __future__ import annotations

import math
from functools import partial

from zoodiff.conventions._sum import (
    Rule,
    Unknown,
    convolution,
    dims,
    nothing,
    of_input,
    of_output,
    product,
    size,
    summed,
    transposed,
)
from zoodiff.record import Graph, Node, Unmeasured


def profiled(graph: Graph, batch_normalization: Rule) -> int | Unmeasured:
    """The sum of the profiler's rules, with this one for batch normalization."""
    return summed(graph, {**RULES, "BatchNormalization": batch_normalization}, _unknown)


def _unknown(node: Node, graph: Graph) -> int:
    raise Unknown(f"{node.op} is no operator of TensorFlow: how many it would be there is not said")


def _biased(rule: Rule, node: Node, graph: Graph) -> int:
    """2 per multiply-accumulate, and the bias as BiasAdd: 1 per output element."""
    bias = size(graph, node.outputs[0]) if len(node.inputs) > 2 and node.inputs[2] else 0
    return 2 * rule(node, graph) + bias


def _matrix(node: Node, graph: Graph) -> int:
    """2 per multiply-accumulate of two matrices; what is larger may be an Einsum."""
    if any(len(dims(graph, name)) > 2 for name in node.inputs):
        raise Unknown("whether a product of more than two dimensions is an Einsum in TensorFlow (0) is not said")
    return 2 * product(node, graph)


def _window(node: Node, graph: Graph) -> int:
    """Kernel area per output element, padding included."""
    kernel: tuple[int, ...] = node.attributes["kernel_shape"]
    return math.prod(kernel) * size(graph, node.outputs[0])


def _reduction(node: Node, graph: Graph) -> int:
    """Input elements less output elements."""
    return size(graph, node.inputs[0]) - size(graph, node.outputs[0])


def _several(node: Node, graph: Graph) -> int:
    """As many additions as there are inputs but the first."""
    return size(graph, node.outputs[0]) * (len(node.inputs) - 1)


RULES: dict[str, Rule] = {
    "Conv": partial(_biased, convolution),
    "ConvTranspose": partial(_biased, transposed),
    "Gemm": partial(_biased, product),
    "MatMul": _matrix,
    "MaxPool": _window,
    "AveragePool": _window,
    "GlobalAveragePool": of_input(1),
    "ReduceMean": of_input(1),
    **dict.fromkeys(("ReduceSum", "ArgMax", "ArgMin"), _reduction),
    "Softmax": of_input(5),
    "Reciprocal": of_input(2),
    "Sum": _several,
    **dict.fromkeys(("Add", "Sub", "Mul", "Div", "Pow", "Max", "Min"), of_output(1)),
    **dict.fromkeys(("Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"), of_output(1)),
    **dict.fromkeys(("Log", "Neg"), of_input(1)),
    **dict.fromkeys(("Relu", "Clip", "LeakyRelu", "Elu", "Selu", "Sigmoid", "Tanh", "Erf", "Exp"), nothing),
    **dict.fromkeys(("Softplus", "Softsign", "Sqrt", "Abs", "Ceil", "Floor", "LRN", "Einsum"), nothing),
    **dict.fromkeys(("ReduceMax", "ReduceMin", "Where", "And", "Or", "Not", "Cast", "Shape", "Range"), nothing),
    **dict.fromkeys(("Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Expand", "Tile"), nothing),
    **dict.fromkeys(("Slice", "Split", "Concat", "Gather", "GatherND", "ScatterND", "Pad", "Resize"), nothing),
    **dict.fromkeys(("Constant", "ConstantOfShape", "Identity", "Dropout", "DepthToSpace", "SpaceToDepth"), nothing),
}
"""Flops by operator; those that the profiler has no statistics of are listed with `nothing`.

Reciprocal is that of a root: tf2onnx writes Rsqrt, of 2 a piece, as Sqrt (of which there are no statistics) and it.
"""
