"""Operators and graphs as an ONNX file has them: attributes, subgraphs, and the modules that operators are in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from zoodiff.kind import MOST
from zoodiff.readers._onnx_constants import LITERALS, read_literal, read_sparse, read_tensor, read_tensors
from zoodiff.reading import schema
from zoodiff.reading.allowance import Allowance
from zoodiff.reading.schema import messages
from zoodiff.reading.values import DTYPES, NOTHING, Dims, Found, Known, typed
from zoodiff.record import Constant, Graph, Node, Value


def written(graph: Any, opset: int, allowed: Allowance | None = None) -> tuple[list[Node], dict[str, Constant]]:
    """The operators and constants of a graph as the file has them.

    Raises TypeError or UnicodeDecodeError where a name is no text, and Refusal where there are more operators than
    `MOST_OPERATORS`.
    """
    allowed = allowed or Allowance()
    allowed.spend(len(graph.node))
    _check_text([named.name for named in (graph, *graph.input, *graph.output, *graph.value_info)])
    initializers = list(read_tensors(graph.initializer[:]))
    constants = {constant.name: constant for constant in initializers}
    constants.update((tensor.values.name, read_sparse(tensor)) for tensor in graph.sparse_initializer)
    _check_text(constants)
    nodes = [read_node(node, opset, allowed) for node in graph.node]
    _check_text({text for node in nodes for text in (node.op, node.domain)})
    for texts in ([node.inputs for node in nodes], [node.outputs for node in nodes]):
        _check_text(chain.from_iterable(texts))
    return nodes, constants


_check_text = "".join
"""Raises TypeError where a name among those given is no text: joining is the quickest way to look."""


def assemble(
    proto: Any,
    opset: int,
    written: Sequence[Node],
    initializers: Mapping[str, Constant],
    found: Found,
) -> Graph:
    """The graph `proto` of these operators and constants; `found` is what is known of its tensors.

    Operators that stand for constants become some, those of the initializers among them.
    """
    nodes, constants = [], dict(initializers)
    for at, node in enumerate(written):
        constant = read_literal(node, proto.node[at], constants) if node.op in LITERALS else None
        if constant is None:
            nodes.append(node)
        else:
            constants[constant.name] = constant
    inputs = tuple([Value(v.name, *_kind(_declared(v, found))) for v in proto.input if v.name not in constants])
    values = {value.name: value for value in inputs}
    for name in chain.from_iterable([node.outputs for node in nodes]):
        if name:
            values[name] = Value(name, *_kind(found.get(name, NOTHING)))
    return Graph(
        name=proto.name,
        inputs=inputs,
        outputs=tuple([Value(v.name, *_kind(_declared(v, found))) for v in proto.output]),
        constants=constants,
        nodes=tuple(nodes),
        values=values,
        opset=opset,
        unknown=tuple([name for name, value in values.items() if value.shape is None or None in value.shape]),
    )


def _declared(value: Any, found: Found) -> Known:
    """What is known of an input or output: as inferred, else as the file says."""
    return found.get(value.name) or typed(value.type) or NOTHING


@lru_cache(maxsize=MOST)
def _kind(known: Known) -> tuple[str, Dims | None]:
    """Element type and dimensions, those that are negative not known: shapes computed from wrong values have some."""
    dims = None if known.dims is None else tuple([None if d is None or d < 0 else d for d in known.dims])
    return DTYPES.get(known.dtype, ""), dims


def read_node(proto: Any, opset: int, allowed: Allowance) -> Node:
    """One operator, with the graphs inside it."""
    outputs, written, domain = tuple(proto.output[:]), tuple(proto.attribute[:]), proto.domain
    attributes = _plain(written)
    if attributes is None:
        attributes = _nested(written, opset, allowed)
    scope = _scope(proto, outputs)
    return Node(proto.op_type, tuple(proto.input[:]), outputs, attributes, "" if domain == "ai.onnx" else domain, scope)


@lru_cache(maxsize=MOST)
def _plain(serialised: tuple[bytes, ...]) -> dict[str, Any] | None:
    """An operator's attributes by their bytes, one object for all that are written alike; None where one holds tensors
    or graphs."""
    attributes = [messages.AttributeProto.FromString(each) for each in serialised]
    _check_text([attribute.name for attribute in attributes])
    if any(attribute.type in _NESTED for attribute in attributes):
        return None
    return {a.name: _PLAIN[a.type](a) for a in attributes if a.type in _PLAIN}


def _nested(serialised: tuple[bytes, ...], opset: int, allowed: Allowance) -> dict[str, Any]:
    attributes = [messages.AttributeProto.FromString(each) for each in serialised]
    return {
        a.name: _NESTED[a.type](a, opset, allowed) if a.type in _NESTED else _PLAIN[a.type](a)
        for a in attributes
        if a.type in _NESTED or a.type in _PLAIN
    }


def _subgraph(proto: messages.GraphProto, opset: int, allowed: Allowance) -> Graph:
    graph = schema.parse_graph(proto.SerializeToString())
    found = {value.name: kind for value in (*graph.output, *graph.value_info) if (kind := typed(value.type))}
    return assemble(graph, opset, *written(graph, opset, allowed), found)


_PLAIN: dict[int, Callable[[messages.AttributeProto], Any]] = {
    messages.AttributeProto.FLOAT: lambda a: a.f,
    messages.AttributeProto.INT: lambda a: a.i,
    messages.AttributeProto.STRING: lambda a: a.s.decode("utf-8", "replace"),
    messages.AttributeProto.FLOATS: lambda a: tuple(a.floats),
    messages.AttributeProto.INTS: lambda a: tuple(a.ints),
    messages.AttributeProto.STRINGS: lambda a: tuple(s.decode("utf-8", "replace") for s in a.strings),
}
_NESTED: dict[int, Callable[[messages.AttributeProto, int, Allowance], Any]] = {
    messages.AttributeProto.TENSOR: lambda a, *_: read_tensor(a.t),
    messages.AttributeProto.TENSORS: lambda a, *_: tuple(read_tensor(t) for t in a.tensors),
    messages.AttributeProto.GRAPH: lambda a, *rest: _subgraph(a.g, *rest),
    messages.AttributeProto.GRAPHS: lambda a, *rest: tuple(_subgraph(g, *rest) for g in a.graphs),
}

_SCOPES = b"\n\x1apkg.torch.onnx.name_scopes"
"""The key with which torch writes the modules that an operator is in, as protobuf has it: its field and its length."""


def _scope(proto: Any, outputs: tuple[str, ...]) -> str:
    """The module that torch says it is in; else the layer that its name or its output's name puts it into."""
    for entry in proto.metadata_props[:]:
        if entry.startswith(_SCOPES):
            return _innermost(entry)
    name = proto.name
    path = name if "/" in name else outputs[0] if outputs else ""
    return path.strip("/").rpartition("/")[0] if "/" in path else ""


def _innermost(scopes: bytes) -> str:
    """The module around an operator: in the list that torch writes, outermost first, the last but one."""
    end = max(scopes.rfind(b", "), 0)
    before = scopes.rfind(b", ", 0, end)
    begin = before + 2 if before >= 0 else scopes.rfind(b"[", 0, end) + 1
    return scopes[begin:end].strip(b" '\"").decode("utf-8", "replace")
