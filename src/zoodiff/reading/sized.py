"""An ONNX model at the input sizes that are asked for: its inputs get them, and shapes of other sizes are forgotten."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import TYPE_CHECKING, Any

from zoodiff.fault import Refusal
from zoodiff.reading.schema import messages
from zoodiff.reading.values import Dims, known, set_dims

if TYPE_CHECKING:
    import onnx


def set_inputs(graph: Any, asked: Mapping[str, Dims]) -> None:
    """Give inputs the dimensions asked for, by name (the empty name: the only input).

    An unknown first dimension becomes 1. Raises Refusal where there is no such input, or it has another rank.
    """
    real = list(graph.input)
    if asked or len(real) > 1:  # the first versions of ONNX list the weights too
        constants = {messages.TensorProto.FromString(tensor).name for tensor in graph.initializer}
        constants.update([tensor.values.name for tensor in graph.sparse_initializer])
        real = [value for value in real if value.name not in constants]
    sizes = dict(asked)
    if "" in sizes:
        if len(real) != 1:
            names = ", ".join(repr(value.name) for value in real)
            raise Refusal(f"the model has {len(real)} inputs: {names}", "Name one: --input NAME=1x3x224x224")
        sizes[real[0].name] = sizes.pop("")
    for name in sizes:
        if name not in {value.name for value in real}:
            names = ", ".join(repr(value.name) for value in real)
            raise Refusal(f"the model has no input {name!r}", f"Its inputs are: {names}")
    for value in real:
        kind = messages.TypeProto.FromString(value.type)
        if not kind.HasField("tensor_type"):
            continue
        tensor = kind.tensor_type
        if value.name in sizes:
            _check_rank(value.name, known(tensor), sizes[value.name])
            set_dims(tensor, sizes[value.name])
        elif len(tensor.shape.dim) > 1 and not tensor.shape.dim[0].dim_value:
            tensor.shape.dim[0].dim_value = 1
        value.type = kind.SerializeToString()


def _check_rank(name: str, own: Dims | None, asked: Dims) -> None:
    if own is not None and len(own) != len(asked):
        text, theirs = "x".join(map(str, asked)), "x".join("?" if d is None else str(d) for d in own)
        raise Refusal(f"input {name!r} has {len(own)} dimensions ({theirs}), not {len(asked)} ({text})")
    if any(d is None or d < 1 for d in asked):
        raise Refusal(f"input {name!r}: every dimension must be a positive number", "For example: --input 1x3x224x224")


def forget_shapes(graph: Any, kept_names: Container[str]) -> None:
    """Drop the shapes that a graph states of its tensors, but for those named: they may be stale."""
    kept = [value for value in graph.value_info if value.name in kept_names]
    del graph.value_info[:]
    graph.value_info.extend(kept)
    for value in graph.output:
        kind = messages.TypeProto.FromString(value.type)
        if kind.HasField("tensor_type") and value.name not in kept_names:
            kind.tensor_type.ClearField("shape")
            value.type = kind.SerializeToString()


def forget_inside(node: Any) -> None:
    """Drop the shapes that an operator's subgraphs state: they are those of another input size."""
    attributes = [messages.AttributeProto.FromString(attribute) for attribute in node.attribute]
    for attribute in attributes:
        _forget_bodies(attribute)
    node.attribute[:] = [attribute.SerializeToString() for attribute in attributes]


def _forget_bodies(attribute: onnx.AttributeProto) -> None:
    for body in ([attribute.g] if attribute.HasField("g") else []) + list(attribute.graphs):
        del body.value_info[:]
        for value in (*body.input, *body.output):
            if value.type.HasField("tensor_type"):
                value.type.tensor_type.ClearField("shape")
        for node in body.node:
            for inner in node.attribute:
                _forget_bodies(inner)
