"""Write a draft as an ONNX model that runs: how passes are proven, and how two graphs are made to share weights."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any
from zlib import crc32

import numpy as np
import onnx
from onnx import numpy_helper

from zoodiff.fault import Refusal
from zoodiff.record import Constant, Graph, Value
from zoodiff.reducing.draft import Draft, Op

OPSET = 20
"""The version of ONNX's operators that drafts are written in once their passes have run."""

Array = np.ndarray[Any, Any]


def node(op: Op) -> onnx.NodeProto:
    """One operator as ONNX writes it, its attributes as they are."""
    made = onnx.helper.make_node(op.op, op.inputs, op.outputs, domain=op.domain)
    made.attribute.extend(onnx.helper.make_attribute(name, _plain(value)) for name, value in op.attributes.items())
    return made


def _plain(value: Any) -> Any:
    if isinstance(value, Graph):
        raise Refusal("operators with a subgraph cannot be written")
    if isinstance(value, Constant) and value.data is None:
        raise Refusal(f"the values of the attribute {value.name!r} are not known")
    if isinstance(value, Constant):
        return numpy_helper.from_array(np.asarray(value.data), value.name)
    return value


_SHIFTS = {
    "BatchNormalization": (2, 3),
    "Conv": (2,),
    "ConvTranspose": (2,),
    "Gemm": (2,),
    "InstanceNormalization": (2,),
    "LayerNormalization": (2,),
    "Add": (0, 1),
    "Sub": (0, 1),
}
"""Operands that are added to something: they may have either sign."""


def shifts(op: str, position: int) -> bool:
    """Whether an operand is added to something, as a bias or a mean is."""
    return position in _SHIFTS.get(op, ())


class Weights(dict[str, Array]):
    """Values for the constants of a file, by name: its own where it has them, else random ones (see `random_value`).

    Indices whose values the file's skeleton does not hold count up. Each value is made when it is first asked for, and
    does not depend on which others are.
    """

    def __init__(
        self, graph: Graph, seed: int = 0, gain: float = 1.0, given: Mapping[str, Array] | None = None
    ) -> None:
        super().__init__(given or {})
        self._constants, self._seed, self._gain = graph.constants, seed, gain
        self._factors = {
            name
            for node in graph.nodes
            for at, name in enumerate(node.inputs)
            if node.domain or not shifts(node.op, at)
        }

        self._rows = dict(_gathered(graph))

    def __missing__(self, name: str) -> Array:
        constant = self._constants[name]
        if constant.data is not None:
            return constant.data
        random = np.random.default_rng([self._seed, crc32(name.encode())])
        value = random_value(constant, random, name not in self._factors, self._gain)
        if name in self._rows:
            value = (np.arange(value.size) % self._rows[name]).astype(value.dtype).reshape(value.shape)
        self[name] = value
        return value

    def nudged(self, part: float) -> Weights:
        """The values that are random or given and were asked for, each changed by this part of itself (`nudged`)."""
        made = copy.copy(self)
        random = np.random.default_rng(self._seed)
        made.update({name: nudged(value, part, random) for name, value in self.items()})
        return made


def nudged(value: Array, part: float, random: np.random.Generator) -> Array:
    """Real numbers, each larger or smaller by this part of itself; integers as they are."""
    if value.dtype.kind != "f":
        return value
    signs = 2 * random.integers(0, 2, value.shape, dtype=np.int8) - 1
    return np.asarray(value * (1 + np.float32(part) * signs), value.dtype)


def _gathered(graph: Graph) -> Iterator[tuple[str, int]]:
    """The tensors that serve as indices, and how many rows they choose from."""
    for node in graph.nodes:
        shape = graph.shape(node.inputs[0]) if node.op == "Gather" and not node.domain else None
        rows = shape[node.attributes.get("axis", 0)] if shape else None
        if rows:
            yield node.inputs[1], rows


def random_value(constant: Constant, random: np.random.Generator, shift: bool, gain: float = 1.0) -> Array:
    """A random value for a constant.

    What is added is normal with deviation 0.1. Matrices and kernels are normal with variance `gain` / (elements per
    output): 1 keeps the scale of what a linear network carries, 2 of what one with rectifiers does (He et al. 2015,
    arXiv:1502.01852, eq. 10). Other vectors (scales, variances) are uniform in 0.5 to 1.5: variances must be positive.
    """
    shape = constant.shape
    if not constant.dtype.startswith("float"):
        return np.zeros(shape, constant.dtype or "int64")
    size = int(np.prod(shape, dtype=np.int64))
    if size == max(shape, default=1) and not shift:
        return random.uniform(0.5, 1.5, shape).astype(constant.dtype)
    outputs = min(shape[0], shape[-1] if len(shape) == 2 else shape[0]) if shape else 1
    scale = 0.1 if shift else np.sqrt(gain * outputs / size)
    return np.asarray(random.standard_normal(shape, dtype=np.float32) * scale, constant.dtype)


def model(
    draft: Draft,
    values: Mapping[str, Array],
    inputs: Sequence[Value] | None = None,
    outputs: Sequence[str] | None = None,
) -> onnx.ModelProto:
    """The draft as a model with these values for the file's constants (`Weights`), or for any that it makes of them.

    `inputs` and `outputs` other than its own cut a part out of it. Raises Refusal where the draft holds what cannot be
    written: operators with a subgraph.
    """
    inputs = draft.inputs if inputs is None else inputs
    outputs = draft.outputs if outputs is None else outputs
    ops = _between(draft, {value.name for value in inputs} | values.keys(), outputs)
    made = onnx.ModelProto(ir_version=9)
    made.opset_import.append(onnx.helper.make_opsetid("", OPSET))
    domains = {op.domain for op in ops if op.domain}
    made.opset_import.extend(onnx.helper.make_opsetid(domain, 1) for domain in sorted(domains))
    graph = made.graph
    graph.name = "draft"
    graph.input.extend(_input(value, value.shape) for value in inputs)
    made_here = {name for op in ops for name in op.outputs}
    used = {name for op in ops for name in op.inputs} | set(outputs)
    for name in sorted((used & draft.constants.keys()) - made_here):
        data = draft.constants[name].data
        _put(graph, name, values[name] if data is None or name in values else data)
    for op in ops:
        for part in _SPELLED.get(op.op, _as_it_is)(draft, op):
            graph.initializer.extend(part.constants)
            graph.node.append(part.node)
    for place, name in enumerate(outputs):
        graph.node.append(onnx.helper.make_node("Identity", [name], [f"{name}~output{place}"]))
        graph.output.append(onnx.ValueInfoProto(name=f"{name}~output{place}"))
    return made


def _between(draft: Draft, given: Collection[str], outputs: Sequence[str]) -> list[Op]:
    """The operators that lead from what is given to some tensors, in an order in which they can run."""
    draft.sort()
    needed, found = set(outputs), []
    for op in reversed([*draft.prologue, *draft.ops]):
        if any(name in needed and name not in given for name in op.outputs):
            found.append(op)
            needed.update(op.inputs)
    return found[::-1]


def _input(value: Value, shape: Sequence[int | None] | None) -> onnx.ValueInfoProto:
    kind = onnx.helper.np_dtype_to_tensor_dtype(np.dtype(value.dtype or "float32"))
    return onnx.helper.make_tensor_value_info(value.name, kind, shape)


def _put(graph: onnx.GraphProto, name: str, value: Array) -> None:
    """Give a graph a constant; no copy of it is made but the one that stays (weights may be large)."""
    kind = onnx.helper.np_dtype_to_tensor_dtype(value.dtype)
    graph.initializer.add(name=name, dims=value.shape, data_type=kind, raw_data=value.tobytes())


def filled(
    skeleton: onnx.ModelProto,
    graph: Graph,
    values: Mapping[str, Array],
    outputs: Sequence[str] = (),
    put: Callable[[onnx.GraphProto, str, Array], None] = _put,
) -> onnx.ModelProto:
    """A file's own model with these values for its weights (`Weights`), in its own operators and opset.

    Its inputs have the sizes of `graph`, and 1 where that knows none; `outputs` come after its own. `put` gives the
    model each value: inside it, unless another way is given.
    """
    made = onnx.ModelProto()
    made.CopyFrom(skeleton)
    nodes = [node for node in made.graph.node if not (len(node.output) == 1 and node.output[0] in graph.constants)]
    del made.graph.node[:], made.graph.initializer[:], made.graph.sparse_initializer[:]
    made.graph.node.extend(nodes)
    used = {name for node in nodes for name in node.input} | {value.name for value in made.graph.output}
    constants = [name for name in graph.constants if name in used]
    for name in constants:
        put(made.graph, name, values[name])
    resize(made, graph)
    made.graph.output.extend(onnx.ValueInfoProto(name=name) for name in outputs)
    return made


def resize(model: onnx.ModelProto, graph: Graph) -> None:
    """Give a model inputs of the sizes of `graph`, 1 where that knows none; sizes stated further on are dropped."""
    del model.graph.input[:], model.graph.value_info[:]
    model.graph.input.extend(_input(value, [d or 1 for d in value.shape or ()]) for value in graph.inputs)
    for value in model.graph.output:
        value.type.tensor_type.ClearField("shape")
        if not value.type.tensor_type.elem_type:  # not stated: then none at all, which means that it is found out
            value.ClearField("type")


class _Part:
    """An ONNX node and the constants that it brings."""

    def __init__(self, kind: str, inputs: list[str | Array], output: str | list[str], **attributes: Any) -> None:
        outputs = output if isinstance(output, list) else [output]
        self.constants: list[onnx.TensorProto] = []
        names = []
        for position, given in enumerate(inputs):
            if isinstance(given, str):
                names.append(given)
            else:
                names.append(f"{next(filter(None, outputs))}~{kind}{position}")
                self.constants.append(numpy_helper.from_array(given, names[-1]))
        self.node = node(Op(kind, names, outputs, attributes))


def _as_it_is(draft: Draft, op: Op) -> Iterator[_Part]:
    from zoodiff.passes.operands import OPERANDS

    places = {} if op.domain else OPERANDS.get(op.op, {})
    inputs: list[str | Array] = list(op.inputs)
    attributes = dict(op.attributes)
    dtype = draft.dtype(op.inputs[0]) if op.inputs else ""
    for position, name in sorted(places.items()):
        if name in attributes:
            inputs += [""] * (position - len(inputs)) + [_operand(name, attributes.pop(name), dtype)]
    if op.op == "Split" and len(inputs) == 1:
        attributes["num_outputs"] = len(op.outputs)
    part = _Part(op.op, inputs, list(op.outputs), **attributes)
    part.node.domain = op.domain
    yield part


def _operand(name: str, value: Any, dtype: str) -> Array:
    if name in ("min", "max", "value"):
        return np.array(value, dtype or "float32")
    if name in ("scales", "roi", "ratio"):
        return np.array(value, np.float32)
    return np.array(value, np.bool_ if name == "training_mode" else np.int64)


def _gemm(draft: Draft, op: Op) -> Iterator[_Part]:
    """A dense layer on any rank; ONNX's Gemm knows matrices only."""
    if len(draft.shape(op.inputs[0]) or (0, 0)) == 2:
        yield from _as_it_is(draft, op)
        return
    product = op.outputs[0] if len(op.inputs) < 3 else f"{op.outputs[0]}~product"
    yield _Part("MatMul", list(op.inputs[:2]), product)
    if len(op.inputs) > 2:
        yield _Part("Add", [product, op.inputs[2]], op.outputs[0])


def _layer_normalization(draft: Draft, op: Op) -> Iterator[_Part]:
    """ONNX wants a scale, where the normal form may have none."""
    inputs: list[str | Array] = list(op.inputs)
    if len(inputs) == 1 or not inputs[1]:
        width = (draft.whole(op.inputs[0]) or (1,))[-1]
        inputs[1:2] = [np.ones(width, np.float32)]
    yield _Part("LayerNormalization", inputs, list(op.outputs), **op.attributes)


def _swish(_: Draft, op: Op) -> Iterator[_Part]:
    gate = f"{op.outputs[0]}~gate"
    yield _Part("Sigmoid", [op.inputs[0]], gate)
    yield _Part("Mul", [op.inputs[0], gate], op.outputs[0])


def _channel_shuffle(draft: Draft, op: Op) -> Iterator[_Part]:
    shape = draft.whole(op.inputs[0])
    assert shape is not None, "the pass that makes it knows the shape"
    groups = op.attributes["group"]
    apart, turned, output = f"{op.outputs[0]}~apart", f"{op.outputs[0]}~turned", op.outputs[0]
    split = (shape[0], groups, shape[1] // groups, *shape[2:])
    yield _Part("Reshape", [op.inputs[0], np.array(split, np.int64)], apart)
    yield _Part("Transpose", [apart], turned, perm=(0, 2, 1, *range(3, len(split))))
    yield _Part("Reshape", [turned, np.array(shape, np.int64)], output)


def _softmax(draft: Draft, op: Op) -> Iterator[_Part]:
    """Up to opset 12 all axes from `axis` on were one; since then there is one axis."""
    if "coerced" not in op.attributes:
        yield from _as_it_is(draft, op)
        return
    shape = draft.whole(op.inputs[0])
    assert shape is not None, "the pass that says `coerced` knows the shape"
    flat, result = f"{op.outputs[0]}~flat", f"{op.outputs[0]}~result"
    yield _Part("Flatten", [op.inputs[0]], flat, axis=op.attributes["axis"])
    yield _Part(op.op, [flat], result, axis=-1)
    yield _Part("Reshape", [result, np.array(shape, np.int64)], op.outputs[0])


_SPELLED: dict[str, Callable[[Draft, Op], Iterator[_Part]]] = {
    "ChannelShuffle": _channel_shuffle,
    "Gemm": _gemm,
    "Hardmax": _softmax,
    "LayerNormalization": _layer_normalization,
    "LogSoftmax": _softmax,
    "Softmax": _softmax,
    "Swish": _swish,
}
"""Operators that the normal form has and ONNX has not, or not so."""
