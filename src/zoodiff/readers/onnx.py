"""ONNX: protobuf files of IR version 3 and newer, with or without their weights.

The file is walked over a memory map; weights are neither read nor, where they are external, opened.
"""

from __future__ import annotations

import mmap
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from copy import deepcopy
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
from google.protobuf.message import DecodeError

from zoodiff.fault import Refusal
from zoodiff.kind import Memo
from zoodiff.reading import fitting, schema, shapes, wire
from zoodiff.reading.native import Inference, InferenceError
from zoodiff.reading.schema import messages
from zoodiff.reading.values import NOTHING, Dims, Found, Known, held, typed
from zoodiff.record import HOSTS, Constant, Graph, Node, Raw, Value

if TYPE_CHECKING:
    import numpy as np

_MODEL_FIELDS = {1: 0, 2: 2, 3: 2, 4: 2, 5: 0, 6: 2, 7: 2, 8: 2, 14: 2, 20: 2, 25: 2, 26: 2}
"""Field numbers of ModelProto with their wire types: 0 a number, 2 bytes."""

MOST_OPERATORS: Final = 100_000
"""Most operators of a network."""


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
        model = schema.parse_model(_inlined(messages.ModelProto.FromString(model.SerializeToString()), name, asking))
    opset = next((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), 0)
    _Allowance().spend(len(model.graph.node))
    asked = shapes.ask(model, inputs, asking)
    try:
        nodes, constants = written(model.graph, opset)
    except (TypeError, UnicodeDecodeError):  # protobuf gives what is no UTF-8 as bytes
        raise Refusal(f"{name!r} holds names that are no text (UTF-8)", "The file is damaged.") from None
    hosts = not HOSTS.isdisjoint([node.op for node in nodes]) or any(node.domain for node in nodes)
    reads = [_reads(node) if hosts else node.inputs for node in nodes]  # mostly no operator runs a graph of its own
    ready = {"", *constants, *[value.name for value in model.graph.input]}
    _check_single(model.graph, nodes, constants.keys(), name)
    ordered = _in_order(nodes, reads, ready)
    if not ordered:
        order = _order(model.graph, nodes, reads, ready, name)
        nodes = [nodes[index] for index in order]
        _rearrange(model.graph, order)
    if _drop_unused_outputs(model.graph, nodes, reads) or not ordered:
        asked = shapes.ask(model, inputs, asking)  # about another model than before
    found = shapes.infer(asked, nodes, constants)
    allowed = _Allowance()
    for at, node in enumerate(nodes if hosts else ()):
        if node.subgraphs:  # once more: now with shapes
            nodes[at] = _node(model.graph.node[at], opset, allowed)
    graph = _graph(model.graph, opset, nodes, constants, found)
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


class _Allowance:
    """How many operators a file may still have, those in subgraphs too."""

    def __init__(self) -> None:
        self.left = MOST_OPERATORS

    def spend(self, operators: int) -> None:
        self.left -= operators
        if self.left < 0:
            raise Refusal(f"the network has more than {MOST_OPERATORS:,} operators", "That is as many as are read.")


def written(graph: Any, opset: int, allowed: _Allowance | None = None) -> tuple[list[Node], dict[str, Constant]]:
    """The operators and constants of a graph as the file has them.

    Raises TypeError or UnicodeDecodeError where a name is no text, and Refusal where there are more operators than
    `MOST_OPERATORS`.
    """
    allowed = allowed or _Allowance()
    allowed.spend(len(graph.node))
    _check_text([named.name for named in (graph, *graph.input, *graph.output, *graph.value_info)])
    initializers = list(_initializers(graph.initializer[:]))
    constants = {constant.name: constant for constant in initializers}
    constants.update((tensor.values.name, _sparse(tensor)) for tensor in graph.sparse_initializer)
    _check_text(constants)
    nodes = [_node(node, opset, allowed) for node in graph.node]
    _check_text({text for node in nodes for text in (node.op, node.domain)})
    for texts in ([node.inputs for node in nodes], [node.outputs for node in nodes]):
        _check_text(chain.from_iterable(texts))
    return nodes, constants


_check_text = "".join
"""Raises TypeError where a name among those given is no text: joining is the quickest way to look."""


def _inlined(model: messages.ModelProto, name: str, asking: Inference) -> bytes:
    from graphlib import CycleError, TopologicalSorter

    calls = {("", ""): Counter(_calls(model.graph.node))}  # of the main graph, which is called by nobody
    for function in model.functions:
        calls.setdefault((function.domain, function.name), Counter()).update(_calls(function.node))
    sizes: dict[tuple[str, str], int] = {}
    try:
        for called in TopologicalSorter(calls).static_order():
            body = calls.get(called)
            sizes[called] = 1 if body is None else sum([times * sizes[one] for one, times in body.items()])
    except CycleError as error:  # some versions of onnx end the process on these
        circle = " calls ".join(called for _, called in error.args[1])
        raise Refusal(f"{name!r}: its functions cannot be inlined: {circle}", "The file is damaged.") from None
    if sizes["", ""] > MOST_OPERATORS:
        raise Refusal(
            f"{name!r} has {sizes['', '']:,} operators with its functions' own; at most {MOST_OPERATORS:,} are read"
        )
    try:
        return asking.inlined(model.SerializeToString())
    except InferenceError as error:
        raise Refusal(f"{name!r}: its functions cannot be inlined: {error}", "The file is damaged.") from None


def _calls(nodes: Iterable[messages.NodeProto]) -> Iterator[tuple[str, str]]:
    """Domain and name of all that operators call, in their subgraphs too."""
    for node in nodes:
        yield node.domain, node.op_type
        for attribute in node.attribute:
            for body in (attribute.g, *attribute.graphs):
                yield from _calls(body.node)


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


def _graph(
    proto: Any,
    opset: int,
    written: Sequence[Node],
    initializers: Mapping[str, Constant],
    found: Found,
) -> Graph:
    nodes, constants = [], dict(initializers)
    for at, node in enumerate(written):
        constant = _literal(node, proto.node[at], constants) if node.op in _LITERALS else None
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


@lru_cache(maxsize=1024)
def _kind(known: Known) -> tuple[str, Dims | None]:
    """Element type and dimensions, those that are negative not known: shapes computed from wrong values have some."""
    dims = None if known.dims is None else tuple([None if d is None or d < 0 else d for d in known.dims])
    return _DTYPES.get(known.dtype, ""), dims


_DTYPES: dict[int, str] = {number: label.lower() for label, number in messages.TensorProto.DataType.items()} | {
    messages.TensorProto.FLOAT: "float32",
    messages.TensorProto.DOUBLE: "float64",
    messages.TensorProto.UNDEFINED: "",
}


_NAME: Final = b"\x42"
"""The field of a tensor's name as protobuf has it, before its length."""
_Unnamed = tuple[str, tuple[int, ...], "np.ndarray[Any, Any] | Raw | None"]
_UNNAMED: Final[Memo[tuple[bytes, bytes], _Unnamed | None]] = Memo()
"""Element type, dimensions and values of tensors by their bytes before and after the name; None: there is more."""
_MOST_BYTES: Final = 256
"""Of tensors that are remembered."""


def _initializers(tensors: Iterable[bytes]) -> Iterator[Constant]:
    """Tensors by their bytes: few differ in more than their names."""
    known = _UNNAMED.opened()
    for serialised in tensors:
        before, _, named = serialised.partition(_NAME)
        end = named[0] + 1 if named else 0
        if 0 < end <= min(len(named), 128) and len(serialised) < _MOST_BYTES:
            rest = named[end:]
            found = known.get((before, rest)) or known.setdefault((before, rest), _unnamed(before, rest))
            if found:
                yield Constant(named[1:end].decode(), *found)
                continue
        yield _constant(messages.TensorProto.FromString(serialised))


def _unnamed(before: bytes, rest: bytes) -> _Unnamed | None:
    """A tensor by its bytes before and after the name; None where it cannot be read so.

    Bytes that end in the middle of a field cannot be read: what was taken for the name's field is one, or this fails.
    """
    try:
        messages.TensorProto.FromString(before)
        tensor = messages.TensorProto.FromString(before + rest)
        dims = tuple(tensor.dims)
        if tensor.HasField("name") or min(dims, default=1) < 1:
            return None
        values = held(tensor, dims)
    except (DecodeError, Refusal):  # to be said with its name
        return None
    if values is not None and not isinstance(values, Raw):
        values.setflags(write=False)  # others have them too
    return _DTYPES.get(tensor.data_type, ""), dims, values


def _constant(tensor: messages.TensorProto) -> Constant:
    dims = tuple(tensor.dims[:])
    if dims and min(dims) < 0:
        raise Refusal(f"the tensor {tensor.name!r} has a negative dimension: {min(dims)}", "The file is damaged.")
    return Constant(tensor.name, _DTYPES.get(tensor.data_type, ""), dims, held(tensor, dims))


def _sparse(tensor: messages.SparseTensorProto) -> Constant:
    return Constant(tensor.values.name, _DTYPES.get(tensor.values.data_type, ""), tuple(tensor.dims))


_LITERALS = ("Constant", "ConstantOfShape")


def _literal(node: Node, proto: Any, constants: Mapping[str, Constant]) -> Constant | None:
    """The constant that a node stands for: a Constant, or a ConstantOfShape whose shape is written in the file.

    The second is how skeletons without external data are written: the weight is there, by its shape alone.
    """
    if node.domain or len(node.outputs) != 1:
        return None
    name = node.outputs[0]
    if node.op == "Constant" and proto.attribute:
        return _of_attribute(name, messages.AttributeProto.FromString(proto.attribute[0]))
    if node.op == "ConstantOfShape" and node.inputs and node.inputs[0] in constants:
        shape = constants[node.inputs[0]].data
        if shape is not None and (shape >= 0).all():
            given = [messages.AttributeProto.FromString(each).t.data_type for each in proto.attribute]
            dtype = _DTYPES.get(given[0] if given else messages.TensorProto.FLOAT, "")
            return Constant(name, dtype, tuple(int(d) for d in shape.ravel()))
    return None


def _of_attribute(name: str, attribute: messages.AttributeProto) -> Constant | None:
    if attribute.type == messages.AttributeProto.TENSOR:
        tensor = _constant(attribute.t)
        return Constant(name, tensor.dtype, tensor.shape, tensor.values)
    if attribute.type == messages.AttributeProto.SPARSE_TENSOR:
        tensor = _sparse(attribute.sparse_tensor)
        return Constant(name, tensor.dtype, tensor.shape)
    if attribute.type not in _NUMBERS:
        return None
    import numpy as np
    from onnx.helper import get_attribute_value

    data = np.array(get_attribute_value(attribute), _NUMBERS[attribute.type])
    return Constant(name, str(data.dtype), data.shape, data)


_NUMBERS: Final = {
    messages.AttributeProto.FLOAT: "float32",
    messages.AttributeProto.FLOATS: "float32",
    messages.AttributeProto.INT: "int64",
    messages.AttributeProto.INTS: "int64",
}
"""Element types of constants that are written as an attribute's numbers."""


def _node(proto: Any, opset: int, allowed: _Allowance) -> Node:
    outputs, written, domain = tuple(proto.output[:]), tuple(proto.attribute[:]), proto.domain
    attributes = _plain(written)
    if attributes is None:
        attributes = _nested(written, opset, allowed)
    scope = _scope(proto, outputs)
    return Node(proto.op_type, tuple(proto.input[:]), outputs, attributes, "" if domain == "ai.onnx" else domain, scope)


@lru_cache(maxsize=1024)
def _plain(serialised: tuple[bytes, ...]) -> dict[str, Any] | None:
    """An operator's attributes by their bytes, one object for all that are written alike; None where one holds tensors
    or graphs."""
    attributes = [messages.AttributeProto.FromString(each) for each in serialised]
    _check_text([attribute.name for attribute in attributes])
    if any(attribute.type in _NESTED for attribute in attributes):
        return None
    return {a.name: _PLAIN[a.type](a) for a in attributes if a.type in _PLAIN}


def _nested(serialised: tuple[bytes, ...], opset: int, allowed: _Allowance) -> dict[str, Any]:
    attributes = [messages.AttributeProto.FromString(each) for each in serialised]
    return {
        a.name: _NESTED[a.type](a, opset, allowed) if a.type in _NESTED else _PLAIN[a.type](a)
        for a in attributes
        if a.type in _NESTED or a.type in _PLAIN
    }


def _subgraph(proto: messages.GraphProto, opset: int, allowed: _Allowance) -> Graph:
    graph = schema.parse_graph(proto.SerializeToString())
    found = {value.name: kind for value in (*graph.output, *graph.value_info) if (kind := typed(value.type))}
    return _graph(graph, opset, *written(graph, opset, allowed), found)


_PLAIN: dict[int, Callable[[messages.AttributeProto], Any]] = {
    messages.AttributeProto.FLOAT: lambda a: a.f,
    messages.AttributeProto.INT: lambda a: a.i,
    messages.AttributeProto.STRING: lambda a: a.s.decode("utf-8", "replace"),
    messages.AttributeProto.FLOATS: lambda a: tuple(a.floats),
    messages.AttributeProto.INTS: lambda a: tuple(a.ints),
    messages.AttributeProto.STRINGS: lambda a: tuple(s.decode("utf-8", "replace") for s in a.strings),
}
_NESTED: dict[int, Callable[[messages.AttributeProto, int, _Allowance], Any]] = {
    messages.AttributeProto.TENSOR: lambda a, *_: _constant(a.t),
    messages.AttributeProto.TENSORS: lambda a, *_: tuple(_constant(t) for t in a.tensors),
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


def _in_order(nodes: Iterable[Node], reads: Iterable[Iterable[str]], ready: Iterable[str]) -> bool:
    seen = set(ready)
    for node, needed in zip(nodes, reads, strict=True):
        if not seen.issuperset(needed):
            return False
        seen.update(node.outputs)
    return True


def _order(graph: Any, nodes: Sequence[Node], reads: Sequence[Iterable[str]], ready: set[str], name: str) -> list[int]:
    """An order in which the operators can run; refuses circles and tensors that nothing produces."""
    made = {output for node in nodes for output in node.outputs}
    for node, needed in zip(graph.node, reads, strict=True):
        for tensor in needed:
            if tensor not in made and tensor not in ready:
                what = f"{_called(node)} reads {tensor!r}, which nothing produces"
                raise Refusal(f"{name!r}: {what}", "The file is damaged.")
    order = _topological(nodes, [set(needed) - ready for needed in reads])
    if len(order) < len(nodes):
        left = sorted(set(range(len(nodes))) - set(order))
        circle = ", ".join(_called(graph.node[index]) for index in left[:8])
        raise Refusal(f"{name!r} has a circle of operators: {circle}", "A network must not feed itself.")
    return order


def _rearrange(graph: Any, order: Iterable[int]) -> None:
    copies = [deepcopy(graph.node[index]) for index in order]
    del graph.node[:]
    graph.node.extend(copies)


def _topological(nodes: Sequence[Node], needs: Sequence[set[str]]) -> list[int]:
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
        for output in nodes[order[-1]].outputs:
            for index in waiting.pop(output, ()):
                missing[index] -= 1
                if missing[index] == 0:
                    heapq.heappush(free, index)
    return order


def _reads(node: Node) -> Iterable[str]:
    """What a node reads, its subgraphs' outer references included."""
    if not node.subgraphs:
        return node.inputs
    reads = set(node.inputs)
    for body in node.subgraphs:
        own = {value.name for value in body.inputs} | body.values.keys() | body.constants.keys()
        reads |= {tensor for inner in body.nodes for tensor in _reads(inner)} - own
        reads |= {value.name for value in body.outputs} - own
    return reads


def _called(node: Any) -> str:
    return f"{node.op_type} {node.output[0] if node.output else node.name!r}"
