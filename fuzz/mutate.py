"""Change models the way an attacker would: whole messages with one thing wrong, and bytes.

Everything follows from the random generator given: the same seed makes the same input, on every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from random import Random
from typing import Any

import onnx
from google.protobuf.message import DecodeError
from onnx import AttributeProto, TensorProto, helper

NUMBERS = (
    0, 1, -1, 2, 3, 4, 5, 7, 8, 13, 64, 127, 255, 256, 1000, 4096, 4097, 65535, 1 << 20, (1 << 31) - 1, 1 << 31,
    1 << 32, (1 << 32) + 1, 1 << 40, 1 << 62, (1 << 63) - 1, -(1 << 31), -(1 << 63), -2, -3, -100,
)  # fmt: skip
"""Integers at which programs go wrong."""
FLOATS = (0.0, -0.0, 1.0, -1.0, 0.5, 1e-45, 1e38, float("inf"), float("-inf"), float("nan"), 2.0, 1e10, 3.5)
WORDS = (
    "",
    "x",
    "y",
    "\x00",
    "../x",
    "a" * 3000,
    "/",
    "%s%n",
    "é",
    "SAME_UPPER",
    "VALID",
    "linear",
    "ij,jk->ik",
    "...",
)


def mutated(data: bytes, random: Random, others: Sequence[bytes] = ()) -> bytes:
    """The bytes of a model with one to six things changed; bytes that are no model are changed as bytes."""
    try:
        model = onnx.ModelProto.FromString(data)
    except DecodeError:
        return flipped(data, random)
    for _ in range(random.choice((1, 1, 1, 2, 2, 3, 6))):
        change = random.choice(_CHANGES)
        try:
            change(model, random, others)
        except (IndexError, ValueError, TypeError, DecodeError):  # there is nothing of the kind to be changed
            continue
    try:
        made: bytes = model.SerializeToString()
    except (ValueError, DecodeError):
        return flipped(data, random)
    return flipped(made, random) if random.random() < 0.1 else made


def flipped(data: bytes, random: Random) -> bytes:
    """Bytes with some of them overwritten, taken out, put twice or cut off."""
    made = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 4, 16))):
        at = random.randrange(len(made) + 1)
        kind = random.randrange(5)
        if kind == 0 and at < len(made):
            made[at] = random.choice((0, 1, 127, 128, 255, random.randrange(256)))
        elif kind == 1:
            made[at:at] = random.choice((b"\xff" * 12, b"\x80" * 10 + b"\x01", bytes(8), made[at : at + 40]))
        elif kind == 2:
            del made[at : at + random.randrange(1, 40)]
        elif kind == 3 and random.random() < 0.2:
            del made[at:]
        else:
            made[at:at] = random.randbytes(random.randrange(1, 9))
    return bytes(made[: 1 << 20])


# ---------------------------------------------------------------- places in a model


def _graphs(model: onnx.ModelProto) -> list[Any]:
    found = [model.graph]
    for graph in found:
        for node in graph.node:
            for attribute in node.attribute:
                found += [attribute.g] if attribute.type == AttributeProto.GRAPH else []
                found += list(attribute.graphs)
    return found


def _graph(model: onnx.ModelProto, random: Random) -> Any:
    return random.choice(_graphs(model))


def _node(model: onnx.ModelProto, random: Random) -> Any:
    nodes = [node for graph in _graphs(model) for node in graph.node]
    return random.choice(nodes + [node for function in model.functions for node in function.node])


def _tensor(model: onnx.ModelProto, random: Random) -> Any:
    found = [tensor for graph in _graphs(model) for tensor in graph.initializer]
    for graph in _graphs(model):
        found += [a.t for node in graph.node for a in node.attribute if a.type == AttributeProto.TENSOR]
        found += [part for sparse in graph.sparse_initializer for part in (sparse.values, sparse.indices)]
    return random.choice(found)


def _names(graph: Any) -> list[str]:
    names = [value.name for value in (*graph.input, *graph.output)] + [tensor.name for tensor in graph.initializer]
    return names + [name for node in graph.node for name in (*node.input, *node.output)] + ["", "nothing"]


@cache
def _schemas() -> list[Any]:
    return [schema for schema in onnx.defs.get_all_schemas() if schema.domain in ("", "ai.onnx.ml")]


@cache
def _attribute_names() -> list[str]:
    return sorted({name for schema in _schemas() for name in schema.attributes})


# ---------------------------------------------------------------- changes


def _dims(model: onnx.ModelProto, random: Random, _others: Sequence[bytes]) -> None:
    dims = _tensor(model, random).dims
    if random.random() < 0.3:
        dims[:] = [random.choice(NUMBERS) for _ in range(random.randrange(9))]
    else:
        dims[random.randrange(len(dims))] = random.choice(NUMBERS)


def _content(model: onnx.ModelProto, random: Random, _others: Sequence[bytes]) -> None:
    tensor = _tensor(model, random)
    kind = random.randrange(6)
    if kind == 0:
        tensor.data_type = random.randrange(-1, 30)
    elif kind == 1:
        tensor.raw_data = flipped(tensor.raw_data, random)
    elif kind == 2:
        values = [random.choice(NUMBERS) for _ in range(random.randrange(7))]
        tensor.CopyFrom(helper.make_tensor(tensor.name, TensorProto.INT64, [len(values)], values))
    elif kind == 3:
        tensor.data_location = TensorProto.EXTERNAL
        location = tensor.external_data.add()
        location.key, location.value = "location", random.choice(("/dev/zero", "../secret", "/etc/passwd", "-"))
    elif kind == 4:
        tensor.ClearField(random.choice(("raw_data", "int64_data", "float_data", "dims", "data_type")))
    else:
        tensor.segment.begin, tensor.segment.end = random.choice(NUMBERS), random.choice(NUMBERS)


def _type(model: onnx.ModelProto, random: Random, _others: Sequence[bytes]) -> None:
    graph = _graph(model, random)
    value = random.choice([*graph.input, *graph.output, *graph.value_info])
    kind = random.randrange(6)
    shape = value.type.tensor_type.shape
    if kind == 0:
        value.type.tensor_type.elem_type = random.randrange(-1, 30)
    elif kind == 1:
        value.ClearField("type")
    elif kind == 2:
        shape.dim[random.randrange(len(shape.dim))].dim_param = random.choice(WORDS)
    elif kind == 3:
        nested = value.type
        for _ in range(random.choice((1, 2, 30, 90))):
            nested = random.choice((nested.sequence_type, nested.optional_type)).elem_type
        nested.tensor_type.elem_type = 1
    elif kind == 4:
        shape.dim[random.randrange(len(shape.dim))].dim_value = random.choice(NUMBERS)
    else:
        shape.ClearField("dim")
        for _ in range(random.randrange(9)):
            shape.dim.add().dim_value = random.choice(NUMBERS)


def _attribute(model: onnx.ModelProto, random: Random, _others: Sequence[bytes]) -> None:
    node = _node(model, random)
    kind = random.randrange(7)
    attribute = random.choice(node.attribute) if node.attribute else node.attribute.add()
    if kind == 0:
        attribute.name = random.choice(_attribute_names())
    elif kind == 1:
        attribute.type = random.randrange(16)
    elif kind == 2:
        node.attribute.remove(attribute)
    elif kind == 3:
        node.attribute.append(attribute)
    elif kind == 4:
        known = [schema for schema in _schemas() if schema.name == node.op_type] or _schemas()
        new = node.attribute.add()
        new.name = random.choice(sorted(random.choice(known).attributes))
        _value(new, random.choice((1, 2, 3, 4, 6, 7, 8)), random)
    else:
        _value(attribute, attribute.type, random)


def _value(attribute: Any, kind: int, random: Random) -> None:
    attribute.type = kind
    if kind == AttributeProto.INT:
        attribute.i = random.choice(NUMBERS)
    elif kind == AttributeProto.FLOAT:
        attribute.f = random.choice(FLOATS)
    elif kind == AttributeProto.STRING:
        attribute.s = random.choice(WORDS).encode() if random.random() < 0.8 else b"\xff\xfe"
    elif kind == AttributeProto.INTS:
        if attribute.ints and random.random() < 0.6:
            attribute.ints[random.randrange(len(attribute.ints))] = random.choice(NUMBERS)
        else:
            attribute.ints[:] = [random.choice(NUMBERS) for _ in range(random.randrange(9))]
    elif kind == AttributeProto.FLOATS:
        attribute.floats[:] = [random.choice(FLOATS) for _ in range(random.randrange(9))]
    elif kind == AttributeProto.STRINGS:
        attribute.strings[:] = [random.choice(WORDS).encode() for _ in range(random.randrange(5))]


def _operator(model: onnx.ModelProto, random: Random, _others: Sequence[bytes]) -> None:
    node = _node(model, random)
    if random.random() < 0.8:
        schema = random.choice(_schemas())
        node.op_type, node.domain = schema.name, schema.domain
    else:
        node.domain = random.choice(("", "ai.onnx", "com.microsoft", "ai.onnx.ml", "own"))


def _wiring(model: onnx.ModelProto, random: Random, _others: Sequence[bytes]) -> None:
    graph = _graph(model, random)
    node = random.choice(graph.node)
    names = _names(graph)
    side = node.input if random.random() < 0.7 else node.output
    kind = random.randrange(5)
    if kind == 0:
        side.append(random.choice(names))
    elif kind == 1:
        del side[random.randrange(len(side))]
    elif kind == 2:
        side[:] = []
    elif kind == 3:
        side.extend([random.choice(names)] * random.choice((2, 50)))
    else:
        side[random.randrange(len(side))] = random.choice(names)


def _order(model: onnx.ModelProto, random: Random, others: Sequence[bytes]) -> None:
    graph = _graph(model, random)
    at = random.randrange(len(graph.node))
    kind = random.randrange(5)
    if kind == 0:
        del graph.node[at]
    elif kind == 1:
        graph.node.append(graph.node[at])
    elif kind == 2:
        graph.node.insert(0, graph.node[at])
    elif kind == 3 and others:
        other = onnx.ModelProto.FromString(random.choice(others))
        graph.node.extend(other.graph.node[:8])
        graph.initializer.extend(other.graph.initializer[:4])
        graph.input.extend(other.graph.input[:2])
    else:
        for _ in range(random.choice((3, 40))):  # a chain of the same operator
            copy = graph.node.add()
            copy.CopyFrom(graph.node[at])
            copy.input[0], copy.output[0] = copy.output[0], f"{copy.output[0]}_"
            at = len(graph.node) - 1


def _values(model: onnx.ModelProto, random: Random, _others: Sequence[bytes]) -> None:
    """Give an input of an operator a value in the file: a shape, an axis, a size."""
    graph = _graph(model, random)
    node = random.choice(graph.node)
    at = random.randrange(len(node.input))
    values = [random.choice(NUMBERS) for _ in range(random.randrange(7))]
    dims = [len(values)] if len(values) != 1 or random.random() < 0.5 else []
    name = f"given{len(graph.initializer)}"
    graph.initializer.append(helper.make_tensor(name, TensorProto.INT64, dims, values))
    node.input[at] = name


def _nesting(model: onnx.ModelProto, random: Random, _others: Sequence[bytes]) -> None:
    """Put the graph into a branch, a loop's body or a function of itself."""
    inner = onnx.GraphProto()
    inner.CopyFrom(model.graph)
    kind = random.randrange(4)
    if kind == 3:
        function = model.functions.add()
        function.domain, function.name = "own", random.choice(("F", "G"))
        function.input.extend(value.name for value in inner.input)
        function.output.extend(value.name for value in inner.output)
        function.node.extend(inner.node)
        function.opset_import.extend(model.opset_import)
        opset = model.opset_import.add()
        opset.domain, opset.version = "own", 1
        call = model.graph.node.add()
        call.domain, call.op_type = "own", random.choice(("F", "G"))
        call.input.extend(value.name for value in inner.input)
        call.output.extend(f"{value.name}_called" for value in inner.output)
        if random.random() < 0.3:
            function.node.append(call)
        return
    op = ("If", "Loop", "Scan")[kind]
    bodies = {"If": ("then_branch", "else_branch")}.get(op, ("body",))
    node = helper.make_node(op, list(_names(inner)[: random.randrange(4)]), [f"n{random.randrange(99)}"])
    for body in bodies:
        node.attribute.append(helper.make_attribute(body, inner))
    model.graph.node.append(node)


def _header(model: onnx.ModelProto, random: Random, _others: Sequence[bytes]) -> None:
    if random.random() < 0.8:
        opset = random.choice(model.opset_import) if model.opset_import else model.opset_import.add()
        opset.version = random.choice((*range(1, 28), *NUMBERS))
        if random.random() < 0.2:
            opset.domain = random.choice(("", "ai.onnx", "own", "com.microsoft", "ai.onnx.ml"))
    else:
        model.ir_version = random.choice((*range(1, 14), *NUMBERS))


def _renamed(model: onnx.ModelProto, random: Random, _others: Sequence[bytes]) -> None:
    graph = _graph(model, random)
    names, word = _names(graph), random.choice(WORDS)
    kind = random.randrange(4)
    if kind == 0:
        graph.name = word
    elif kind == 1:
        random.choice([*graph.input, *graph.output, *graph.initializer]).name = random.choice(names)
    elif kind == 2:
        random.choice(graph.node).name = word
    else:
        graph.output.add().name = random.choice(names)


_CHANGES: tuple[Callable[[onnx.ModelProto, Random, Sequence[bytes]], None], ...] = (
    *[_dims, _content, _type, _values] * 2,
    *[_attribute, _wiring] * 3,
    *[_operator, _order] * 2,
    _nesting,
    _header,
    _renamed,
)
