"""What onnx-opcounter 0.0.4 says: multiply-accumulates and more, by operator, with an element each for the unknown.

Convolutions, Gemm and MatMul: 1 per multiply-accumulate, biases left out. BatchNormalization: 2 per element. Relu and
Add: 1 per element of the first input (of a broadcast Add, the first only). Resize and Upsample: 11 per output element
where linear, 0 where nearest. Shapes, slices, transposes and casts: 0. Every other operator, among them Concat,
Dropout, Flatten, Identity and pooling of any window: 1 per output element, with a note on standard output.

So it is above `macs` by normalization, activations and whatever else a file has; two files of one network differ by how
they were exported. ConvTranspose is counted as if it were a convolution, by the output's size. Einsum, attention and
recurrent operators are counted as the elements that they put out: far too low.

Not re-created: the tool knows a shape only as far as onnx infers it (strictly, with data propagation), and counts an
unknown dimension as 0. A batch size that the file leaves open makes its count 0; so does whatever depends on shapes
that are computed. Here the shapes are those of the measurement: the figure is what the tool says of the same file with
all shapes known. What a file makes by ConstantOfShape is a constant here, and an unknown operator to the tool. The tool
fails on a Conv without `kernel_shape` and on a cubic Resize: Unmeasured.

Source: the package onnx-opcounter 0.0.4 on PyPI (onnx_opcounter.py, calculate_macs).
"""

from __future__ import annotations

import math

from zoodiff.conventions._sum import Rule, Unknown, dims, nothing, of_input, of_output, size, summed
from zoodiff.measuring.count import Counts
from zoodiff.record import Graph, Node, Unmeasured


def count(graph: Graph, counts: Counts) -> int | Unmeasured:
    """The sum of the tool's rules; an operator without one is as large as its output."""
    return summed(graph, RULES, _unsupported, foreign=True)


def convolution(node: Node, graph: Graph) -> int:
    """Output elements x kernel volume x (input channels // groups), also of a transposed convolution."""
    if "kernel_shape" not in node.attributes:
        raise Unknown(f"the tool fails on a {node.op} that does not state its kernel_shape")
    channels = dims(graph, node.inputs[0])[1] // int(node.attributes.get("group", 1))
    kernel: tuple[int, ...] = node.attributes["kernel_shape"]
    return size(graph, node.outputs[0]) * channels * math.prod(kernel)


def product(node: Node, graph: Graph) -> int:
    """Elements of the first input x the last dimension of the output."""
    return size(graph, node.inputs[0]) * dims(graph, node.outputs[0])[-1]


def normalization(node: Node, graph: Graph) -> int:
    """2 per element with all five inputs, else 1."""
    return size(graph, node.outputs[0]) * (2 if len(node.inputs) == 5 else 1)


def resize(node: Node, graph: Graph) -> int:
    """11 per output element where linear, nothing where nearest or not stated."""
    mode = node.attributes.get("mode", "nearest")
    if mode not in ("nearest", "linear"):
        raise Unknown(f"the tool fails on a {node.op} of mode {mode!r}")
    return 11 * size(graph, node.outputs[0]) if mode == "linear" else 0


_unsupported = of_output(1)

RULES: dict[str, Rule] = {
    "Conv": convolution,
    "ConvTranspose": convolution,
    "Gemm": product,
    "MatMul": product,
    "BatchNormalization": normalization,
    "Relu": of_input(1),
    "Add": of_input(1),
    "Resize": resize,
    "Upsample": resize,
    **dict.fromkeys(("Constant", "Reshape", "Slice", "Shape", "Gather", "ScatterND", "Tile", "Transpose"), nothing),
    **dict.fromkeys(("Sign", "Squeeze", "Unsqueeze", "Split", "Cast"), nothing),
}
"""by the operator's name, whatever its domain: the tool looks at nothing else"""
