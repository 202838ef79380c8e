"""ONNX: protobuf files of IR version 3 and newer, with or without their weights.

The file is walked over a memory map; weights are neither read nor, where they are external, opened.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import AttributeProto, TensorProto

from zoodiff import shapes, wire
from zoodiff.fault import Refusal
from zoodiff.record import Constant, Graph, Node, Value

_MODEL_FIELDS = {1: 0, 2: 2, 3: 2, 4: 2, 5: 0, 6: 2, 7: 2, 8: 2, 14: 2, 20: 2, 25: 2, 26: 2}
"""Field numbers of ModelProto with their wire types: 0 a number, 2 bytes."""


def sniff(head: bytes, path: Path) -> bool:
    """True where the first field is one that an ONNX model can begin with."""
    try:
        tag, _ = wire.varint(head, 0, len(head))
    except wire.WireError:
        return False
    return _MODEL_FIELDS.get(tag >> 3) == tag & 7


def read(path: Path, inputs: Mapping[str, shapes.Dims] | None = None) -> Graph:
    """Read the graph of an ONNX file, with every shape that can be known.

    `inputs` gives other dimensions by input name (the empty name: the only input). Raises Refusal on a file that is
    truncated, damaged, or no network.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as buffer:
        return read_bytes(buffer, str(path), inputs)


def read_bytes(buffer: wire.Buffer, name: str, inputs: Mapping[str, shapes.Dims] | None = None) -> Graph:
    """Read the graph of an ONNX model in memory; `name` is how errors call it."""
    from google.protobuf.message import DecodeError

    try:
        model = onnx.ModelProto.FromString(wire.strip(buffer))
    except (wire.WireError, DecodeError) as error:
        raise Refusal(
            f"{name!r} is not a readable ONNX file: {error}",
            "It may be truncated (compare its size with the published one) or not be ONNX at all.",
        ) from None
    return _parsed(model, name, inputs)


def from_proto(model: onnx.ModelProto, name: str, inputs: Mapping[str, shapes.Dims] | None = None) -> Graph:
    """Turn a model in memory, weights and all, into a Graph; the model is left as it is."""
    return read_bytes(model.SerializeToString(), name, inputs)


def _parsed(model: onnx.ModelProto, name: str, inputs: Mapping[str, shapes.Dims] | None) -> Graph:
    if not model.graph.node:
        raise Refusal(f"{name!r} holds no operators", "It may be a TensorFlow graph, or weights alone.")
    if model.functions:
        model = _inlined(model, name)
    try:
        _join_names(model.graph)
    except TypeError:  # protobuf gives what is no UTF-8 as bytes
        raise Refusal(f"{name!r} holds names that are no text (UTF-8)", "The file is damaged.") from None
    reads = [_reads(node) for node in model.graph.node]
    if not _in_order(model.graph, reads):
        _sort(model.graph, reads, name)
    _drop_unused_outputs(model.graph, reads)
    found = shapes.infer(model, inputs)
    opset = next((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), 0)
    return _graph(model.graph, opset, found)


def _join_names(graph: onnx.GraphProto) -> None:
    """Raise TypeError where a name in a graph or its subgraphs is no text: joining is the quickest way to look."""
    join = "".join
    for node in graph.node:
        join((node.op_type, node.name, node.domain, *node.input, *node.output))
        for entry in node.metadata_props:
            join((entry.key, entry.value))
        for attribute in node.attribute:
            join((attribute.name,))
            for inner in (attribute.g, *attribute.graphs) if attribute.type in _GRAPHS else ():
                _join_names(inner)
    join([named.name for named in (graph, *graph.initializer, *graph.input, *graph.output, *graph.value_info)])
    join([tensor.values.name for tensor in graph.sparse_initializer])


_GRAPHS = (AttributeProto.GRAPH, AttributeProto.GRAPHS)


def _inlined(model: onnx.ModelProto, name: str) -> onnx.ModelProto:
    from onnx import inliner

    try:
        return inliner.inline_local_functions(model)
    except Exception as error:  # onnx raises RuntimeError and others on functions that call each other in a circle
        raise Refusal(f"{name!r}: its functions cannot be inlined: {error}") from None


def _drop_unused_outputs(graph: onnx.GraphProto, reads: Iterable[Iterable[str]]) -> None:
    """Leave out what an operator offers besides its first output and nobody takes (a Dropout's mask)."""
    used: set[str] | None = None
    for node in graph.node:
        for index in range(1, len(node.output)):
            if used is None:
                used = {v.name for v in graph.output}.union(*reads)
            if node.output[index] not in used:
                node.output[index] = ""


def _graph(proto: onnx.GraphProto, opset: int, found: shapes.Found) -> Graph:
    constants = {t.name: _constant(t) for t in proto.initializer}
    constants.update((t.values.name, _sparse(t)) for t in proto.sparse_initializer)
    nodes, literal = [], dict(constants)
    for node in proto.node:
        constant = _literal(node, literal)
        if constant is not None:
            constants[constant.name] = literal[constant.name] = constant
        else:
            nodes.append(_node(node, opset))
    inputs = tuple(_value(v.name, _declared(v, found)) for v in proto.input if v.name not in constants)
    nothing = shapes.Known(TensorProto.UNDEFINED, None)
    values = {value.name: value for value in inputs}
    values.update((name, _value(name, found.get(name, nothing))) for node in nodes for name in node.outputs if name)
    return Graph(
        name=proto.name,
        inputs=inputs,
        outputs=tuple(_value(v.name, _declared(v, found)) for v in proto.output),
        constants=constants,
        nodes=tuple(nodes),
        values=values,
        opset=opset,
        unknown=tuple(name for name, value in values.items() if value.shape is None or None in value.shape),
    )


def _declared(value: onnx.ValueInfoProto, found: shapes.Found) -> shapes.Known:
    """What is known of an input or output: as inferred, else as the file says."""
    tensor = value.type.tensor_type
    return found.get(value.name) or shapes.Known(tensor.elem_type, shapes.known(tensor))


def _value(name: str, known: shapes.Known) -> Value:
    return Value(name, _DTYPES.get(known.dtype, ""), known.dims)


_DTYPES: dict[int, str] = {number: label.lower() for label, number in TensorProto.DataType.items()} | {
    TensorProto.FLOAT: "float32",
    TensorProto.DOUBLE: "float64",
    TensorProto.UNDEFINED: "",
}


def _constant(tensor: TensorProto) -> Constant:
    data = shapes.array(tensor) if shapes.has_data(tensor) else None
    return Constant(tensor.name, _DTYPES.get(tensor.data_type, ""), tuple(tensor.dims), data)


def _sparse(tensor: onnx.SparseTensorProto) -> Constant:
    return Constant(tensor.values.name, _DTYPES.get(tensor.values.data_type, ""), tuple(tensor.dims))


def _literal(node: onnx.NodeProto, constants: Mapping[str, Constant]) -> Constant | None:
    """The constant that a node stands for: a Constant, or a ConstantOfShape whose shape is written in the file.

    The second is how skeletons without external data are written: the weight is there, by its shape alone.
    """
    if node.domain not in ("", "ai.onnx") or len(node.output) != 1:
        return None
    name = node.output[0]
    if node.op_type == "Constant" and node.attribute:
        return _of_attribute(name, node.attribute[0])
    if node.op_type == "ConstantOfShape" and node.input and node.input[0] in constants:
        shape = constants[node.input[0]].data
        if shape is not None:
            dtype = _DTYPES[node.attribute[0].t.data_type] if node.attribute else "float32"
            return Constant(name, dtype, tuple(int(d) for d in shape.ravel()))
    return None


def _of_attribute(name: str, attribute: AttributeProto) -> Constant | None:
    if attribute.type == AttributeProto.TENSOR:
        tensor = _constant(attribute.t)
        return Constant(name, tensor.dtype, tensor.shape, tensor.data)
    if attribute.type == AttributeProto.SPARSE_TENSOR:
        tensor = _sparse(attribute.sparse_tensor)
        return Constant(name, tensor.dtype, tensor.shape)
    if attribute.type in (AttributeProto.FLOAT, AttributeProto.FLOATS):
        data = np.array(onnx.helper.get_attribute_value(attribute), np.float32)
    elif attribute.type in (AttributeProto.INT, AttributeProto.INTS):
        data = np.array(onnx.helper.get_attribute_value(attribute), np.int64)
    else:
        return None
    return Constant(name, str(data.dtype), data.shape, data)


def _node(node: onnx.NodeProto, opset: int) -> Node:
    return Node(
        op=node.op_type,
        inputs=tuple(node.input),
        outputs=tuple(node.output),
        attributes={a.name: _ATTRIBUTES[a.type](a, opset) for a in node.attribute if a.type in _ATTRIBUTES},
        domain="" if node.domain == "ai.onnx" else node.domain,
        scope=_scope(node),
    )


def _subgraph(graph: onnx.GraphProto, opset: int) -> Graph:
    tensors = ((v.name, v.type.tensor_type) for v in graph.value_info if v.type.HasField("tensor_type"))
    return _graph(graph, opset, {name: shapes.Known(t.elem_type, shapes.known(t)) for name, t in tensors})


_ATTRIBUTES: dict[int, Callable[[AttributeProto, int], Any]] = {
    AttributeProto.FLOAT: lambda a, _: a.f,
    AttributeProto.INT: lambda a, _: a.i,
    AttributeProto.STRING: lambda a, _: a.s.decode("utf-8", "replace"),
    AttributeProto.FLOATS: lambda a, _: tuple(a.floats),
    AttributeProto.INTS: lambda a, _: tuple(a.ints),
    AttributeProto.STRINGS: lambda a, _: tuple(s.decode("utf-8", "replace") for s in a.strings),
    AttributeProto.TENSOR: lambda a, _: _constant(a.t),
    AttributeProto.TENSORS: lambda a, _: tuple(_constant(t) for t in a.tensors),
    AttributeProto.GRAPH: lambda a, opset: _subgraph(a.g, opset),
    AttributeProto.GRAPHS: lambda a, opset: tuple(_subgraph(g, opset) for g in a.graphs),
}


def _scope(node: onnx.NodeProto) -> str:
    """The module or layer that the exporter names: torch's scopes, else the path in the node's or tensor's name."""
    for entry in node.metadata_props:
        if entry.key == "pkg.torch.onnx.name_scopes":
            scopes = entry.value.strip("[]").split(", ")
            return scopes[-2].strip("'\"") if len(scopes) > 1 else ""
    path = node.name if "/" in node.name else node.output[0] if node.output else ""
    return path.strip("/").rpartition("/")[0]


def _ready(graph: onnx.GraphProto) -> set[str]:
    """What is there before any operator runs."""
    ready = {v.name for v in graph.input} | {t.name for t in graph.initializer} | {""}
    return ready | {t.values.name for t in graph.sparse_initializer}


def _in_order(graph: onnx.GraphProto, reads: Iterable[Iterable[str]]) -> bool:
    seen = _ready(graph)
    for node, needed in zip(graph.node, reads, strict=True):
        if not seen.issuperset(needed):
            return False
        seen.update(node.output)
    return True


def _sort(graph: onnx.GraphProto, reads: Sequence[Iterable[str]], name: str) -> None:
    """Put operators in an order in which they can run; refuse circles and tensors that nothing produces."""
    ready = _ready(graph)
    made = {output for node in graph.node for output in node.output}
    for node, needed in zip(graph.node, reads, strict=True):
        for tensor in needed:
            if tensor not in made and tensor not in ready:
                what = f"{_called(node)} reads {tensor!r}, which nothing produces"
                raise Refusal(f"{name!r}: {what}", "The file is damaged.")
    order = _topological(graph, [set(needed) - ready for needed in reads])
    if len(order) < len(graph.node):
        left = sorted(set(range(len(graph.node))) - set(order))
        circle = ", ".join(_called(graph.node[index]) for index in left[:8])
        raise Refusal(f"{name!r} has a circle of operators: {circle}", "A network must not feed itself.")
    copies = [onnx.NodeProto.FromString(graph.node[index].SerializeToString()) for index in order]
    del graph.node[:]
    graph.node.extend(copies)


def _topological(graph: onnx.GraphProto, needs: Sequence[set[str]]) -> list[int]:
    """Positions of the operators in a runnable order, the file's where it allows; those in a circle are left out."""
    import heapq

    waiting: dict[str, list[int]] = {}
    for index, needed in enumerate(needs):
        for tensor in needed:
            waiting.setdefault(tensor, []).append(index)
    missing = [len(needed) for needed in needs]
    free = [index for index, count in enumerate(missing) if count == 0]
    order: list[int] = []
    while free:
        order.append(heapq.heappop(free))
        for output in graph.node[order[-1]].output:
            for index in waiting.pop(output, ()):
                missing[index] -= 1
                if missing[index] == 0:
                    heapq.heappush(free, index)
    return order


_WITH_SUBGRAPHS = {"If", "Loop", "Scan", "SequenceMap"}


def _reads(node: onnx.NodeProto) -> Iterable[str]:
    """What a node reads, its subgraphs' outer references included."""
    if not node.domain and node.op_type not in _WITH_SUBGRAPHS:
        return list(node.input)
    reads = set(node.input)
    for attribute in node.attribute:
        if attribute.type not in _GRAPHS:
            continue
        for graph in (attribute.g, *attribute.graphs):
            own = {v.name for v in graph.input} | {t.name for t in graph.initializer}
            own |= {output for inner in graph.node for output in inner.output}
            reads |= {tensor for inner in graph.node for tensor in _reads(inner)} - own
            reads |= {v.name for v in graph.output} - own
    return reads


def _called(node: onnx.NodeProto) -> str:
    return f"{node.op_type} {node.output[0] if node.output else node.name!r}"
