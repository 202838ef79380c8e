"""Matrix products: MatMul, Gemm, Einsum."""

from __future__ import annotations

import math

from zoodiff.costs._cost import Cost, Uncountable, dims, present, size
from zoodiff.record import Graph, Node


def matmul(node: Node, graph: Graph) -> Cost:
    """Output elements x the contracted dimension, numpy's broadcasting included (it is in the output's shape)."""
    return Cost(size(graph, node.outputs[0]) * dims(graph, node.inputs[0])[-1])


def gemm(node: Node, graph: Graph) -> Cost:
    """Y = alpha A' B' + beta C: output elements x the contracted dimension.

    C is one addition per output element; alpha and beta are one multiplication each where they are not 1 (beta: per
    element of C).
    """
    output = size(graph, node.outputs[0])
    contracted = dims(graph, node.inputs[1])[1 if node.attributes.get("transB", 0) else 0]
    other = output if node.attributes.get("alpha", 1.0) != 1.0 else 0
    if present(node.inputs, 2):
        other += output + (size(graph, node.inputs[2]) if node.attributes.get("beta", 1.0) != 1.0 else 0)
    return Cost(output * contracted, other)


def einsum(node: Node, graph: Graph) -> Cost:
    """Two or more operands: the product of all label sizes. One operand: additions that sum labels away.

    A label that occurs twice in one operand is its diagonal, an ellipsis stands for dimensions that broadcast; both
    are one label each here. Raises Uncountable on an equation that does not fit the shapes.
    """
    equation = str(node.attributes.get("equation", "")).replace(" ", "")
    terms = equation.partition("->")[0].split(",")
    shapes = [dims(graph, name) for name in node.inputs]
    if len(terms) != len(shapes):
        raise Uncountable(f"equation {equation!r} does not have one term per input")
    sizes: dict[str | int, int] = {}
    for term, shape in zip(terms, shapes, strict=True):
        for label, length in zip(_labels(term, len(shape)), shape, strict=True):
            if sizes.setdefault(label, length) == 1:
                sizes[label] = length
            elif length not in (1, sizes[label]):
                raise Uncountable(f"equation {equation!r} gives {label!r} two sizes: {sizes[label]} and {length}")
    volume = math.prod(sizes.values())
    return Cost(volume) if len(terms) > 1 else Cost(0, volume - size(graph, node.outputs[0]))


def _labels(term: str, rank: int) -> list[str | int]:
    """One label per dimension; those of an ellipsis are negative positions, since they align from the right."""
    before, dots, after = term.partition("...")
    spare = rank - len(before) - len(after)
    if spare < 0 or (spare > 0 and not dots):
        raise Uncountable(f"equation term {term!r} does not fit {rank} dimensions")
    return [*before, *range(-spare, 0), *after]


OPERATORS = {"MatMul": matmul, "Gemm": gemm, "Einsum": einsum}
