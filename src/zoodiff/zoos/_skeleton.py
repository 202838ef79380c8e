"""Takes the weights out of ONNX files, for zoos that are given whole files."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

KEPT = 1024
"""bytes; a tensor up to this size keeps its data unless it is known to be a weight"""


def strip(model: Any, weights: Collection[str] = ()) -> bytes:
    """The skeleton of an `onnx.ModelProto`, serialised; the model itself is changed.

    An initializer that is named among `weights` loses its data whatever its size; any other one above 1,024 bytes
    does, unless it holds int64: these are shapes, axes and indices. A Constant node becomes an initializer, so that
    the same holds for it. Initializers are no longer listed among the inputs.
    """
    model.ClearField("training_info")
    _strip(model.graph, frozenset(weights))
    return bytes(model.SerializeToString(deterministic=True))


def _strip(graph: Any, weights: frozenset[str]) -> None:
    """Strip one graph and the graphs inside its nodes."""
    for node in list(graph.node):
        tensor = next((attribute.t for attribute in node.attribute if attribute.name == "value"), None)
        if node.op_type == "Constant" and not node.domain and tensor is not None:
            graph.initializer.add().CopyFrom(tensor)
            graph.initializer[-1].name = node.output[0]
            graph.node.remove(node)
        for attribute in node.attribute:
            for inner in (attribute.g, *attribute.graphs):
                _strip(inner, weights)
    for tensor in graph.initializer:
        if tensor.name in weights or (_size(tensor) > KEPT and tensor.data_type != tensor.INT64):
            _empty(tensor)
    held = {tensor.name for tensor in graph.initializer}
    for value in [value for value in graph.input if value.name in held]:
        graph.input.remove(value)


def _size(tensor: Any) -> int:
    """Bytes that a tensor's data take in the file."""
    return int(tensor.ByteSize())


def _empty(tensor: Any) -> None:
    """Leave a tensor its name, data type and dims."""
    name, data_type, dims = tensor.name, tensor.data_type, list(tensor.dims)
    tensor.Clear()
    tensor.name, tensor.data_type = name, data_type
    tensor.dims.extend(dims)
