"""Tell from counts and shapes whether two graphs are the same network, whatever their names, layout and exporter."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from typing import NamedTuple

from zoodiff.count import Counts
from zoodiff.record import Graph, Node, Shape


class _Weighted(NamedTuple):
    """What is said of a weighted operator, and of it without its output channels."""

    text: str
    inner: str


_SPATIAL = frozenset({"Conv", "ConvTranspose", "ConvInteger", "QLinearConv"})
_DENSE = frozenset({"Gemm", "MatMul", "Einsum", "MatMulInteger", "QLinearMatMul", "QGemm"})
_POOLS = frozenset({"MaxPool", "AveragePool", "LpPool", "QLinearAveragePool"})


def fingerprint(graph: Graph, counts: Counts) -> str | None:
    """A short hash, equal for graphs that agree in every weighted operator and every pooling; None where counts lack.

    What is compared, as a set with multiplicities: convolutions by kernel, strides, dilations, groups, channels and
    output size; dense products by inner size, outer size and positions (1x1 convolutions of stride 1, and convolutions
    whose kernel covers their whole input, are such); products of two activations by their operands; pooling by kind,
    kernel, strides and output size (pooling of 1x1 windows is none). Not compared: wiring, padding, activation
    functions, normalization, biases, and the number of classes (the last weighted operator counts without its outer
    size). So equal fingerprints do not prove equal networks; different ones prove different networks.
    """
    if not counts.complete:
        return None
    fixed = _fixed(graph)
    described = [part for node in graph.nodes if (part := _part(node, graph, fixed)) is not None]
    parts = Counter(part if isinstance(part, str) else part.text for part in described)
    last = next((part for part in reversed(described) if isinstance(part, _Weighted)), None)
    if last is not None:  # the classifier: 1000 or 1001 classes are no other network
        parts.subtract([last.text])
        parts[f"classifier {last.inner}"] += 1
    text = "\n".join(f"{count} {part}" for part, count in sorted(parts.items()) if count)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _fixed(graph: Graph) -> set[str]:
    """The tensors that no input reaches: constants, and what operators make of constants (a transposed weight)."""
    fixed = set(graph.constants)
    for node in graph.nodes:
        if fixed.issuperset(name for name in node.inputs if name) and any(node.inputs):
            fixed.update(node.outputs)
    return fixed


def _part(node: Node, graph: Graph, fixed: set[str]) -> _Weighted | str | None:
    if node.op in _SPATIAL:
        return _convolution(node, graph)
    if node.op in _DENSE:
        return _product(node, graph, fixed)
    if node.op in _POOLS:
        return _pool(node, graph)
    return None


def _convolution(node: Node, graph: Graph) -> _Weighted:
    weight = _known(graph.shape(node.inputs[3 if node.op == "QLinearConv" else 1]))
    out = _known(graph.shape(node.outputs[0]))
    rank = len(weight) - 2
    strides = node.attributes.get("strides", (1,) * rank)
    dilations = node.attributes.get("dilations", (1,) * rank)
    group = node.attributes.get("group", 1)
    positions = math.prod(out[2:])
    if max(weight[2:], default=1) == 1 and max(strides) == 1 and group == 1:
        return _dense(weight[1], weight[0], positions * out[0])
    if group == 1 and positions == 1 and weight[2:] == _known(graph.shape(node.inputs[0]))[2:]:
        return _dense(math.prod(weight[1:]), weight[0], out[0])
    inner = f"{node.op.removeprefix('QLinear')} {weight[1:]} {strides} {dilations} {group} {out[2:]}"
    return _Weighted(f"{inner} to {weight[0]}", inner)


def _product(node: Node, graph: Graph, fixed: set[str]) -> _Weighted | str:
    out = _known(graph.shape(node.outputs[0]))
    weight = next(
        (shape for name in node.inputs if name in fixed and len(shape := _known(graph.shape(name))) > 1), None
    )
    if weight is None:
        return f"product {node.attributes.get('equation', '')} {[_known(graph.shape(name)) for name in node.inputs]}"
    elements = math.prod(weight)
    outer = next((n for n in (out[-1],) if elements % n == 0), 1)
    return _dense(elements // outer, outer, math.prod(out) // outer)


def _dense(inner: int, outer: int, positions: int) -> _Weighted:
    text = f"dense {inner} at {positions}"
    return _Weighted(f"{text} to {outer}", text)


def _pool(node: Node, graph: Graph) -> str | None:
    out = _known(graph.shape(node.outputs[0]))
    if math.prod(out[2:]) == 1:
        return None  # a global pool: exporters write it in many ways
    kernel = node.attributes.get("kernel_shape", ())
    if math.prod(kernel) == 1 and out == _known(graph.shape(node.inputs[0])):
        return None
    strides = node.attributes.get("strides", (1,) * len(kernel))
    return f"{node.op.removeprefix('QLinear')} {kernel} {strides} {out[2:]}"


def _known(shape: Shape | None) -> tuple[int, ...]:
    return tuple(d for d in shape if d is not None) if shape else ()
