"""ONNX: protobuf files of IR version 3 and newer, with or without their weights.

The file is walked over a memory map; weights are neither read nor, where they are external, opened.
"""

from __future__ import annotations

import mmap
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from copy import deepcopy
from pathlib import Path
from typing import Any

import msgspec
from google.protobuf.message import DecodeError

from zoodiff.fault import Refusal
from zoodiff.readers._onnx_graph import assemble, read_node, written
from zoodiff.reading import fitting, schema, shapes, topological, wire
from zoodiff.reading.allowance import Allowance
from zoodiff.reading.native import Inference
from zoodiff.reading.schema import messages
from zoodiff.reading.values import Dims
from zoodiff.record import HOSTS, Graph, Node

_MODEL_FIELDS = {1: 0, 2: 2, 3: 2, 4: 2, 5: 0, 6: 2, 7: 2, 8: 2, 14: 2, 20: 2, 25: 2, 26: 2}
"""Field numbers of ModelProto with their wire types: 0 a number, 2 bytes."""


def sniff(head: bytes, path: Path) -> bool:
    """True where the first field is one that an ONNX model can begin with."""
    try:
        tag, _ = wire.varint(head, 0, len(head))
    except wire.WireError:
        return False
    return _MODEL_FIELDS.get(tag >> 3) == tag & 7


def read(path: Path, inputs: Mapping[str, Dims] | None = None) -> Graph:
    """Read the graph of an ONNX file, with every shape that can be known.

    `inputs` gives other dimensions by input name (the empty name: the only input). Raises Refusal on a file that is
    truncated, damaged, or no network.
    """
    with path.open("rb") as file:
        try:
            buffer = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:  # a file of the system's that has no size
            raise Refusal(f"cannot read {str(path)!r}: {error}", "Copy it, and give the copy.") from None
        with buffer:
            return read_bytes(buffer, str(path), inputs)


def read_bytes(buffer: wire.Buffer, name: str, inputs: Mapping[str, Dims] | None = None) -> Graph:
    """Read the graph of an ONNX model in memory; `name` is how errors call it."""
    return read_skeleton(_stripped(buffer, name), name, inputs)


def read_skeleton(data: bytes, name: str, inputs: Mapping[str, Dims] | None = None) -> Graph:
    """Read a graph whose weights have been left out, as a snapshot's have; `name` is how errors call it."""
    try:
        return _parsed(schema.parse_model(data), name, inputs)
    except DecodeError as error:
        raise _unreadable(name, error) from None
    except Refusal as refusal:
        if repr(name) in refusal.message:
            raise
        raise Refusal(f"{name!r}: {refusal.message}", refusal.hint) from refusal


def bare(buffer: wire.Buffer, name: str) -> messages.ModelProto:
    """An ONNX model as its file has it, without its weights. Raises Refusal where the bytes are none."""
    try:
        model: messages.ModelProto = messages.ModelProto.FromString(_stripped(buffer, name))
    except DecodeError as error:
        raise _unreadable(name, error) from None
    return model


def _stripped(buffer: wire.Buffer, name: str) -> bytes:
    try:
        return wire.strip(buffer)
    except wire.WireError as error:
        raise _unreadable(name, error) from None


def _unreadable(name: str, error: Exception) -> Refusal:
    return Refusal(
        f"{name!r} is not a readable ONNX file: {error}",
        "It may be truncated (compare its size with the published one) or not be ONNX at all.",
    )


def from_proto(model: messages.ModelProto, name: str, inputs: Mapping[str, Dims] | None = None) -> Graph:
    """Turn a model in memory, weights and all, into a Graph; the model is left as it is."""
    return read_bytes(model.SerializeToString(), name, inputs)


def _parsed(model: Any, name: str, inputs: Mapping[str, Dims] | None) -> Graph:
    if not model.graph.node:
        raise Refusal(f"{name!r} holds no operators", "It may be a TensorFlow graph, or weights alone.")
    for imported in model.opset_import:
        if not 0 <= imported.version < 1 << 31:
            raise Refusal(f"{name!r} is of opset {imported.version}, which no version of ONNX has", "It is damaged.")
    asking = Inference(model.ByteSize())
    if model.functions:
        from zoodiff.readers._onnx_functions import inlined

        model = schema.parse_model(inlined(messages.ModelProto.FromString(model.SerializeToString()), name, asking))
    opset = next((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), 0)
    Allowance().spend(len(model.graph.node))
    asked = shapes.ask(model, inputs, asking)
    try:
        nodes, constants = written(model.graph, opset)
    except (TypeError, UnicodeDecodeError):  # protobuf gives what is no UTF-8 as bytes
        raise Refusal(f"{name!r} holds names that are no text (UTF-8)", "The file is damaged.") from None
    hosts = not HOSTS.isdisjoint([node.op for node in nodes]) or any(node.domain for node in nodes)
    # mostly no operator runs a graph of its own
    reads = [topological.read_by(node) if hosts else node.inputs for node in nodes]
    ready = {"", *constants, *[value.name for value in model.graph.input]}
    _check_single(model.graph, nodes, constants.keys(), name)
    ordered = topological.in_order(nodes, reads, ready)
    if not ordered:
        order = topological.order(nodes, reads, ready, name, lambda at: _called(model.graph.node[at]))
        nodes = [nodes[index] for index in order]
        _rearrange(model.graph, order)
    if _drop_unused_outputs(model.graph, nodes, reads) or not ordered:
        asked = shapes.ask(model, inputs, asking)  # about another model than before
    found = shapes.infer(asked, nodes, constants)
    allowed = Allowance()
    for at, node in enumerate(nodes if hosts else ()):
        if node.subgraphs:  # once more: now with shapes
            nodes[at] = read_node(model.graph.node[at], opset, allowed)
    graph = assemble(model.graph, opset, nodes, constants, found)
    fitting.check(graph)
    return graph


def _check_single(graph: Any, nodes: Sequence[Node], constants: Set[str], name: str) -> None:
    """Refuse a tensor that is made twice: whatever was known of one would be believed of the other."""
    inputs = [value.name for value in graph.input]
    made = ["", *constants | set(inputs), *[output for node in nodes for output in node.outputs if output]]
    weights: list[str] = []  # to be looked at where they are more than their names
    if len(graph.initializer) + len(graph.sparse_initializer) > len(constants):
        weights = [messages.TensorProto.FromString(tensor).name for tensor in graph.initializer]
        weights += [tensor.values.name for tensor in graph.sparse_initializer]
    for names in (inputs, weights, made):
        if len(set(names)) < len(names):
            twice = next(one for one, times in Counter(names).items() if times > 1)
            raise Refusal(f"{name!r}: {twice!r} is made twice", "The file is damaged: tensors have names of their own.")


def _drop_unused_outputs(graph: Any, nodes: list[Node], reads: Iterable[Iterable[str]]) -> bool:
    """Leave out what an operator offers besides its first output and nobody takes (a Dropout's mask); True where one
    does."""
    several = [at for at, node in enumerate(nodes) if len(node.outputs) > 1]
    used = {value.name for value in graph.output}.union(*reads) if several else set()
    dropped = False
    for at in several:
        first, *others = nodes[at].outputs
        outputs = (first, *[name if name in used else "" for name in others])
        if outputs != nodes[at].outputs:
            nodes[at] = msgspec.structs.replace(nodes[at], outputs=outputs)
            graph.node[at].output[:] = outputs
            dropped = True
    return dropped


def _rearrange(graph: Any, order: Iterable[int]) -> None:
    copies = [deepcopy(graph.node[index]) for index in order]
    del graph.node[:]
    graph.node.extend(copies)


def _called(node: Any) -> str:
    return f"{node.op_type} {node.output[0] if node.output else node.name!r}"
