"""Tell from counts and shapes whether two graphs are the same network, whatever their names, layout and exporter."""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from typing import NamedTuple

from zoodiff.kind import Memo
from zoodiff.measuring.count import Counts
from zoodiff.record import Graph, Node, Shape


class _Part(NamedTuple):
    """One operator's share: of what kind, and how much of it (output channels, multiplications, or 1)."""

    text: str
    amount: int
    weighted: bool = False


_SPATIAL = frozenset({"Conv", "ConvTranspose", "ConvInteger", "QLinearConv"})
_DENSE = frozenset({"Gemm", "MatMul", "Einsum", "MatMulInteger", "QLinearMatMul", "QGemm"})
_OPERANDS = {"QLinearMatMul": (0, 3), "QGemm": (0, 3)}
"""Where the two factors are among the inputs, where they are not the first two: scales and zero points lie between."""

_POOLS = frozenset({"MaxPool", "AveragePool", "LpPool", "QLinearAveragePool"})
_COMPARED = _SPATIAL | _DENSE | _POOLS


_PARTS: Memo[tuple[int, ...], _Part | None] = Memo()
"""By kind; of products also by which operands are fixed."""


def fingerprint(graph: Graph, counts: Counts) -> str | None:
    """A short hash, equal for graphs that agree in every weighted operator and every pooling; None where counts lack.

    What is compared: the convolutions, with their multiplicities, by kernel, strides, dilations, groups, channels and
    output size; of dense products (1x1 convolutions of stride 1, and convolutions whose kernel covers their whole
    input, are such) all the outputs for each inner size and number of positions, so that products side by side may be
    one (query, key and value); of products of two activations all the multiplications; the poolings by kind, kernel,
    strides and output size (pooling of 1x1 windows is none). Not compared: wiring, padding, activation functions,
    normalization, biases, and the number of classes (the last weighted operator counts without its outer size). So
    equal fingerprints do not prove equal networks.
    """
    if not counts.complete:
        return None
    fixed = _fixed(graph)
    known = _PARTS.opened()
    parts: list[_Part] = []
    for kind, node in zip(graph.kinds, graph.nodes, strict=True):
        if node.op in _COMPARED:
            alike = (kind, *[name in fixed for name in node.inputs]) if node.op in _DENSE else (kind,)
            if alike not in known:
                known[alike] = _part(node, graph, fixed)
            part = known[alike]
            if part is not None:
                parts.append(part)
    last = next((index for index in reversed(range(len(parts))) if parts[index].weighted), None)
    if last is not None:  # the classifier: 1000 or 1001 classes are no other network
        parts[last] = _Part(f"classifier {parts[last].text}", 1)
    total: defaultdict[str, int] = defaultdict(int)
    for part in parts:
        total[part.text] += part.amount
    text = "\n".join(f"{amount} {part}" for part, amount in sorted(total.items()))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _fixed(graph: Graph) -> set[str]:
    """The tensors that no input reaches: constants, and what operators make of constants (a transposed weight)."""
    fixed = {"", *graph.constants}  # with the empty name of inputs that are absent
    for node in graph.nodes:
        inputs = node.inputs
        if inputs and inputs[0] in fixed and fixed.issuperset(inputs) and any(inputs):
            fixed.update(node.outputs)
    return fixed


def _part(node: Node, graph: Graph, fixed: set[str]) -> _Part | None:
    if node.op in _SPATIAL:
        return _convolution(node, graph)
    if node.op in _DENSE:
        return _product(node, graph, fixed)
    return _pool(node, graph)


def _convolution(node: Node, graph: Graph) -> _Part:
    weight = _known(graph.shape(node.inputs[3 if node.op == "QLinearConv" else 1]))
    out = _known(graph.shape(node.outputs[0]))
    rank = len(weight) - 2
    if rank < 0:
        return _Part(f"{node.op} {weight}", 1, weighted=True)
    strides = node.attributes.get("strides", (1,) * rank)
    dilations = node.attributes.get("dilations", (1,) * rank)
    group = node.attributes.get("group", 1)
    positions = math.prod(out[2:])
    if max(weight[2:], default=1) == 1 and max(strides) == 1 and group == 1:
        return _dense(weight[1], weight[0], positions * out[0])
    if group == 1 and positions == 1 and weight[2:] == _known(graph.shape(node.inputs[0]))[2:]:
        return _dense(math.prod(weight[1:]), weight[0], out[0])
    kind = f"{node.op.removeprefix('QLinear')} {weight[1:]} {strides} {dilations} {group} {out[2:]}"
    return _Part(kind, weight[0], weighted=True)


def _product(node: Node, graph: Graph, fixed: set[str]) -> _Part:
    out = math.prod(_known(graph.shape(node.outputs[0])))
    operands = [node.inputs[at] for at in _OPERANDS.get(node.op, (0, 1)) if at < len(node.inputs)]
    side = next((i for i, name in enumerate(operands) if name in fixed), None)
    if node.op == "Einsum":
        return _einsum(node, graph, out, side)
    left = _known(graph.shape(operands[0]))
    inner = (left[0] if node.attributes.get("transA") else left[-1]) or 1
    if side is None:
        return _Part("products of activations", out * inner)
    outer = math.prod(_known(graph.shape(operands[side]))) // inner
    return _dense(inner, outer, out // max(outer, 1))


def _einsum(node: Node, graph: Graph, out: int, side: int | None) -> _Part:
    """A product by its equation: what only the operands share is the inner size."""
    terms, _, result = str(node.attributes["equation"]).replace(" ", "").partition("->")
    labels = terms.split(",")
    sizes: dict[str, int] = {}
    for term, name in zip(labels, node.inputs, strict=True):
        sizes.update(zip(term, _known(graph.shape(name)), strict=False))
    if side is None:
        return _Part("products of activations", out * math.prod(n for label, n in sizes.items() if label not in result))
    weight = labels[side]
    outer = math.prod(sizes[label] for label in weight if label in result)
    return _dense(math.prod(sizes[label] for label in weight) // outer, outer, out // outer)


def _dense(inner: int, outer: int, positions: int) -> _Part:
    return _Part(f"dense {inner} at {positions}", outer, weighted=True)


def _pool(node: Node, graph: Graph) -> _Part | None:
    out = _known(graph.shape(node.outputs[0]))
    if math.prod(out[2:]) == 1:
        return None  # a global pool: exporters write it in many ways
    kernel = node.attributes.get("kernel_shape", ())
    if math.prod(kernel) == 1 and out == _known(graph.shape(node.inputs[0])):
        return None
    strides = node.attributes.get("strides", (1,) * len(kernel))
    return _Part(f"{node.op.removeprefix('QLinear')} {kernel} {strides} {out[2:]}", 1)


def _known(shape: Shape | None) -> tuple[int, ...]:
    return tuple(d for d in shape if d is not None) if shape else ()
