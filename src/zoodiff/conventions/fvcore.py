"""What fvcore 0.1.5 says: one "flop" per multiply-accumulate, and something for normalization and global pooling.

Convolutions (transposed ones too), linear layers, matrix products, einsum: 1 per multiply-accumulate, biases left out.
Batch normalization: 2 per element. Layer, group and instance normalization: 5 per element, 4 without a scale. Adaptive
average pooling: 1 per input element. Upsampling: 1 per output element where nearest, 4 where bilinear, as for sampling
on a grid. All else is 0, and the tool warns of it: activations, additions, other pooling, attention as one operator,
deformable convolutions and recurrent operators. An einsum is rounded to four digits, since it is read from a text of
numpy's; not so the two most common equations.

So it is above `macs` by normalization, and below it where attention is one operator.

fvcore counts what torch runs, which a graph tells like this:
- Attention by torch's fused operator (`scaled_dot_product_attention`) counts as 0. torch.onnx writes it, and nothing
  else, as queries and keys both multiplied by the root of the scale, their product, Softmax and the product with the
  values; that is left out here, and so is ONNX's Attention. Other products around a Softmax count in an export of
  torch's; in any other graph nothing says whether torch would have the one or the others: Unmeasured.
- Traced under torch.no_grad, torch's whole multi-head attention is one operator, and fvcore counts less still: 11,290 M
  for ViT-B/16. The figure here, 16,867 M, is that of fvcore called as its own page shows it.
- A mean over height and width that keeps the dimensions is adaptive pooling, one that drops them is a plain mean (0);
  average pooling with a window of 1 is adaptive pooling to the size that the input has.
- Quantised operators are not torch's plain ones, and fvcore has no rule for them: Unmeasured. So are operators with
  subgraphs and those outside ONNX.

Source: https://github.com/facebookresearch/fvcore, 0.1.5.post20221221 (fvcore/nn/flop_count.py, jit_handles.py).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

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
from zoodiff.measuring.count import Counts
from zoodiff.record import Graph, Node, Unmeasured

TORCH = ("main_graph", "torch_jit", "torch-jit-export")
"""what torch.onnx calls a graph"""
HANDED_ON = frozenset("Add Mul Div Where Cast Reshape Transpose Squeeze Unsqueeze Identity Dropout".split())
"""between a product and Softmax: scale, mask, position bias"""


def count(graph: Graph, counts: Counts) -> int | Unmeasured:
    """The sum of the tool's rules, products of fused attention left out."""
    fused: set[str] = set()
    for attention in _attentions(graph):
        if graph.name not in TORCH:
            return Unmeasured("whether torch would run its attention as one operator (0) or as products is not said")
        if attention.fused:
            fused.update((attention.scores.outputs[0], attention.sum.outputs[0]))
    if fused:
        graph = msgspec.structs.replace(graph, nodes=tuple([n for n in graph.nodes if fused.isdisjoint(n.outputs)]))
    return summed(graph, RULES, nothing)


class _Attention(NamedTuple):
    """Queries times keys, Softmax, times values."""

    scores: Node
    sum: Node
    fused: bool
    """in the form in which torch.onnx writes the one operator"""


def _attentions(graph: Graph) -> Iterator[_Attention]:
    """Every Softmax that stands between two products of activations."""
    if not any(node.op == "Softmax" for node in graph.nodes) or not any(node.op in PRODUCTS for node in graph.nodes):
        return
    makers = {name: node for node in graph.nodes for name in node.outputs}
    readers = {name: node for node in graph.nodes for name in node.inputs}
    fixed = set(graph.constants)
    for node in graph.nodes:
        if fixed.issuperset(filter(None, node.inputs)):
            fixed.update(node.outputs)
    for node in graph.nodes:
        if node.op != "Softmax":
            continue
        scores = makers.get(node.inputs[0])
        while scores is not None and scores.op in HANDED_ON:
            scores = next((makers[name] for name in scores.inputs if name in makers and name not in fixed), None)
        after = readers.get(node.outputs[0])
        while after is not None and after.op in HANDED_ON:
            after = readers.get(after.outputs[0])
        if scores and after and all(n.op in PRODUCTS and not fixed.intersection(n.inputs) for n in (scores, after)):
            yield _Attention(scores, after, all(_scaled(graph, makers.get(name)) for name in scores.inputs))


def _scaled(graph: Graph, maker: Node | None) -> bool:
    """Whether a tensor is another times one constant number."""
    shapes = [graph.constants[name].shape for name in maker.inputs if name in graph.constants] if maker else []
    return maker is not None and maker.op == "Mul" and any(math.prod(shape) == 1 for shape in shapes)


def einsum(node: Node, graph: Graph) -> int:
    """Half of numpy's count for the best path, as numpy prints it: two operands, one path; more of them: Unknown."""
    inputs, _, output = str(node.attributes.get("equation", "")).replace(" ", "").partition("->")
    terms = inputs.split(",")
    if len(terms) != 2 or "." in inputs:
        raise Unknown("fvcore's figure for an einsum of other than two plain operands is numpy's choice of a path")
    sizes = {
        label: n
        for term, name in zip(terms, node.inputs, strict=True)
        for label, n in zip(term, dims(graph, name), strict=True)
    }
    volume = math.prod(sizes.values())
    if _common(f"{inputs}->{output}"):
        return volume
    summed_up = any(label not in output for label in sizes)
    return math.floor(float(f"{(1 + summed_up) * volume:.3e}") / 2)


def _common(equation: str) -> bool:
    """Whether it is one of the two equations that fvcore knows without asking numpy."""
    letters = dict.fromkeys(filter(str.isalpha, equation))
    plain = equation.translate({ord(letter): 97 + number for number, letter in enumerate(letters)})
    return plain in ("abc,abd->acd", "abc,adc->adb")


def normalization(node: Node, graph: Graph) -> int:
    """5 per element with a scale, else 4."""
    return size(graph, node.inputs[0]) * (5 if len(node.inputs) > 1 else 4)


def mean(node: Node, graph: Graph) -> int:
    """1 per input element where height and width are averaged and kept as dimensions of 1."""
    kept = node.attributes.get("keepdims", 1)
    before, after = dims(graph, node.inputs[0]), dims(graph, node.outputs[0])
    return math.prod(before) if kept and len(before) == 4 and after == (*before[:2], 1, 1) else 0


def average(node: Node, graph: Graph) -> int:
    """1 per input element of a window of 1."""
    return size(graph, node.inputs[0]) if set(node.attributes["kernel_shape"]) == {1} else 0


def upsampling(node: Node, graph: Graph) -> int:
    """Per output element 1 where nearest, 4 where linear, else nothing."""
    each = {"nearest": 1, "linear": 4}.get(node.attributes.get("mode", "nearest"), 0)
    return each * size(graph, node.outputs[0])


def quantised(node: Node, graph: Graph) -> int:
    """No figure."""
    raise Unknown("fvcore has no rule for torch's quantised operators")


PRODUCTS = ("MatMul", "Einsum")

RULES: dict[str, Rule] = {
    "Conv": convolution,
    "ConvTranspose": transposed,
    "Gemm": product,
    "MatMul": product,
    "Einsum": einsum,
    "BatchNormalization": of_output(2),
    "LayerNormalization": normalization,
    "GroupNormalization": normalization,
    "InstanceNormalization": normalization,
    "GlobalAveragePool": of_input(1),
    "ReduceMean": mean,
    "AveragePool": average,
    "Resize": upsampling,
    "Upsample": upsampling,
    "GridSample": of_output(4),
    **dict.fromkeys(("QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear"), quantised),
    **dict.fromkeys(("QLinearConv", "QLinearMatMul", "ConvInteger", "MatMulInteger"), quantised),
}
"""of what the tool counts; all else is 0, for it too"""
