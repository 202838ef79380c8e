"""Find the shape of every tensor of an ONNX model, at the file's own input size or at any other.

onnx's shape inference does the work. Where it stops (shapes that pass through chains of Shape, Gather, Concat and the
like), the operators are walked once more, and what can be computed on the way is computed.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Container, Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from zoodiff.fault import Refusal
from zoodiff.kind import Memo
from zoodiff.reading import schema
from zoodiff.reading.native import Inference, InferenceError, Question
from zoodiff.reading.schema import messages
from zoodiff.reading.values import NOTHING, Constants, Dims, Found, Known, evaluate, known, typed
from zoodiff.record import HOSTS, Constant, Graph, Node

if TYPE_CHECKING:
    import numpy as np
    import onnx

Answers = dict[Hashable, list[Known | None]]
"""What inference said of each operator's outputs, by all that it looked at."""

_ONNXRUNTIME: Final = "com.microsoft"
STANDARD_TWINS: Final = {
    "QLinearAdd": ("Add", (0, 3)),
    "QLinearMul": ("Mul", (0, 3)),
    "QLinearLeakyRelu": ("LeakyRelu", (0,)),
    "QLinearSigmoid": ("Sigmoid", (0,)),
    "QLinearSoftmax": ("Softmax", (0,)),
    "QLinearGlobalAveragePool": ("GlobalAveragePool", (0,)),
    "QLinearAveragePool": ("AveragePool", (0,)),
    "FusedConv": ("Conv", (0, 1, 2)),
    "FusedGemm": ("Gemm", (0, 1, 2)),
    "FusedMatMul": ("MatMul", (0, 1)),
    "QGemm": ("Gemm", (0, 3)),
    "Gelu": ("Relu", (0,)),
    "FastGelu": ("Relu", (0,)),
    "BiasGelu": ("Relu", (0,)),
    "QuickGelu": ("Relu", (0,)),
    "SkipLayerNormalization": ("Relu", (0,)),
    "SkipSimplifiedLayerNormalization": ("Relu", (0,)),
    "RotaryEmbedding": ("Relu", (0,)),
    "DynamicQuantizeMatMul": ("MatMul", (0, 1)),
    "MatMulIntegerToFloat": ("MatMul", (0, 1)),
    "MultiHeadAttention": ("Relu", (0,)),
    "GroupQueryAttention": ("Relu", (0,)),
}
"""onnxruntime's own operators whose output has the shape of a standard operator's on the inputs named."""


class Asked(NamedTuple):
    """A model whose shapes are being found."""

    model: Any
    """as `schema.parse_model` gives it; changed, see `ask`"""
    asking: Inference
    """what the file may ask of onnx"""
    strict: bool
    """whether sizes were asked for: then what does not fit is refused"""
    question: Question | None
    """onnx is at work at it; None where it would not know the operators"""


def ask(model: Any, inputs: Mapping[str, Dims] | None = None, asking: Inference | None = None) -> Asked:
    """Begin to find the shapes of a model; onnx is at work while the caller goes on.

    `model` is as `schema.parse_model` gives it. It is changed: its inputs get the dimensions asked for (`inputs`, by
    input name), an unknown first dimension becomes 1, and the shapes stored in the file are dropped, since they may be
    stale. Raises Refusal where there is no such input.
    """
    asking, graph, strict = asking or Inference(model.ByteSize()), model.graph, bool(inputs)
    _set_inputs(graph, inputs or {})
    domains = {node.domain for node in graph.node}
    foreign = {name for node in graph.node if node.domain for name in node.output} if domains != {""} else set()
    if strict:
        for node in graph.node:
            if node.domain or node.op_type in HOSTS:
                _forget_inside(node)
    _forget_shapes(graph, set() if strict else foreign)
    question = None if _ONNXRUNTIME in domains else asking.ask(model.SerializeToString(), strict=strict)
    return Asked(model, asking, strict, question)


def infer(asked: Asked, nodes: Sequence[Node], constants: Mapping[str, Constant]) -> Found:
    """Type and shape of every tensor of the main graph that can be known, by name.

    `nodes` and `constants` are the model's operators, in its order, and its initializers. The subgraphs inside its
    operators get the shapes of their tensors. Raises Refusal where the network cannot run at these sizes.
    """
    model, found = asked.model, Found()
    if asked.question:
        graph = _answered(asked.question)
        found = _found(graph)
        for at, node in enumerate(nodes):
            if (node.op in HOSTS or node.domain) and node.subgraphs:
                model.graph.node[at].attribute[:] = graph.node[at].attribute[:]
    if _unknown(nodes, found):
        found = _infer_folding(model, nodes, constants, found, asked.asking, strict=asked.strict)
    _check_windows(nodes, found)
    return found


def _infer_folding(
    model: Any,
    nodes: Sequence[Node],
    constants: Mapping[str, Constant],
    found: Found,
    asking: Inference,
    *,
    strict: bool,
) -> Found:
    """Infer on a scratch copy with twins for foreign operators, then walk it once, computing what can be computed."""
    scratch = messages.ModelProto.FromString(model.SerializeToString())
    if _replace_foreign(scratch) or not found:
        found = _found(_answered(asking.ask(scratch.SerializeToString(), strict=strict)))
    return _walk(scratch, constants, found, asking) if _unknown(nodes, found) else found


def _set_inputs(graph: Any, asked: Mapping[str, Dims]) -> None:
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
            _set_dims(tensor, sizes[value.name])
        elif len(tensor.shape.dim) > 1 and not tensor.shape.dim[0].dim_value:
            tensor.shape.dim[0].dim_value = 1
        value.type = kind.SerializeToString()


def _check_rank(name: str, own: Dims | None, asked: Dims) -> None:
    if own is not None and len(own) != len(asked):
        text, theirs = "x".join(map(str, asked)), "x".join("?" if d is None else str(d) for d in own)
        raise Refusal(f"input {name!r} has {len(own)} dimensions ({theirs}), not {len(asked)} ({text})")
    if any(d is None or d < 1 for d in asked):
        raise Refusal(f"input {name!r}: every dimension must be a positive number", "For example: --input 1x3x224x224")


def _set_dims(tensor: onnx.TypeProto.Tensor, dims: Iterable[int | None]) -> None:
    tensor.ClearField("shape")
    tensor.shape.SetInParent()
    for size in dims:
        dim = tensor.shape.dim.add()
        if size is not None:
            dim.dim_value = size


def _forget_shapes(graph: Any, kept_names: Container[str]) -> None:
    kept = [value for value in graph.value_info if value.name in kept_names]
    del graph.value_info[:]
    graph.value_info.extend(kept)
    for value in graph.output:
        kind = messages.TypeProto.FromString(value.type)
        if kind.HasField("tensor_type") and value.name not in kept_names:
            kind.tensor_type.ClearField("shape")
            value.type = kind.SerializeToString()


def _forget_inside(node: Any) -> None:
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


def _replace_foreign(model: onnx.ModelProto) -> bool:
    """Put a standard operator of the same shape where onnxruntime has one of its own; True where there was one."""
    import onnx

    replaced = False
    for node in model.graph.node:
        twin = STANDARD_TWINS.get(node.op_type) if node.domain == _ONNXRUNTIME else None
        if twin is None:
            continue
        replaced = True
        node.op_type, node.domain = twin[0], ""
        inputs = [node.input[i] for i in twin[1] if i < len(node.input)]
        del node.input[:]
        node.input.extend(inputs)
        allowed = onnx.defs.get_schema(twin[0]).attributes
        attributes = [attribute for attribute in node.attribute if attribute.name in allowed]
        del node.attribute[:]
        node.attribute.extend(attributes)
    return replaced


def _answered(question: Question) -> Any:
    """The graph with what inference says of it, as `schema.parse_graph` gives it."""
    try:
        done = question.answer()
    except InferenceError as error:
        raise Refusal(
            f"the shapes of this network do not fit together: {error}",
            "The input size may be one that the network cannot take, or the file is damaged.",
        ) from None
    return schema.parse_model(done).graph


def _found(graph: Any) -> Found:
    return {
        value.name: tensor
        for values in (graph.input, graph.value_info, graph.output)
        for value in values
        if (tensor := typed(value.type))
    }


def _distinct(found: Found) -> Collection[Known]:
    """All that tensors are known to be: mostly one object for those that are alike."""
    return {id(known): known for known in found.values()}.values()


def _unknown(nodes: Iterable[Node], found: Found) -> bool:
    whole = all(_whole(known.dims) for known in _distinct(found))
    if whole and found.keys() >= set(chain.from_iterable([node.outputs for node in nodes])):
        return False
    for node in nodes:
        for name in node.outputs:
            dims = found.get(name, NOTHING).dims
            if name and (dims is None or None in dims):
                return True
    return False


def _walk(model: onnx.ModelProto, initializers: Mapping[str, Constant], found: Found, asking: Inference) -> Found:
    """Go through the operators in order: infer alone those whose output is unknown, and compute small values.

    What inference over the whole model misses are shapes that depend on computed values; here these are at hand.
    """
    import numpy as np
    import onnx

    graph, found = model.graph, dict(found)
    constants = {name: constant.data for name, constant in initializers.items() if constant.data is not None}
    found.update((t.name, Known(t.data_type, tuple(t.dims))) for t in graph.initializer)
    shell = messages.ModelProto(ir_version=model.ir_version, opset_import=model.opset_import)
    answers: Answers = {}
    for node in graph.node:
        if any(name and (name not in found or found[name].elements is None) for name in node.output):
            found.update(_infer_node_once(node, found, constants, shell, answers, asking))
        for name, value in zip(node.output, evaluate(node, constants, found) or (), strict=False):
            if name:
                constants[name] = np.asarray(value)
                found[name] = Known(onnx.helper.np_dtype_to_tensor_dtype(value.dtype), tuple(value.shape))
    return found


def _infer_node_once(
    node: onnx.NodeProto,
    found: Found,
    constants: Constants,
    shell: onnx.ModelProto,
    answers: Answers,
    asking: Inference,
) -> Iterator[tuple[str, Known]]:
    """`_infer_node`, asked once for operators that are alike in all that inference looks at: networks repeat blocks."""
    if any(name and name not in found for name in node.input):
        return
    key = (
        (node.op_type, node.domain, *[attribute.SerializeToString() for attribute in node.attribute]),
        tuple([(found[name], _identity(constants.get(name))) if name else None for name in node.input]),
        tuple([name != "" for name in node.output]),
    )
    if key not in answers:
        inferred = dict(_infer_node(node, found, constants, shell, asking))
        answers[key] = [inferred.get(name) for name in node.output]
    for name, answer in zip(node.output, answers[key], strict=True):
        if answer is not None:
            yield name, answer


def _identity(value: np.ndarray[Any, Any] | None) -> Hashable:
    """Equal for equal values of one type and shape."""
    if value is None:
        return None
    return value.dtype, value.shape, tuple(value.flat) if value.dtype == object else value.tobytes()


def _infer_node(
    node: onnx.NodeProto, found: Found, constants: Constants, shell: onnx.ModelProto, asking: Inference
) -> Iterator[tuple[str, Known]]:
    """What onnx's inference says of one operator, given its inputs' types and those of their values that are known.

    It is asked about a network of this operator alone; `shell` is the model without its graph.
    """
    import onnx
    from onnx import numpy_helper

    version = next((o.version for o in shell.opset_import if o.domain in ("", "ai.onnx")), 1)
    types = {name: _type(found[name]) for name in node.input if name}
    values = {name: numpy_helper.from_array(constants[name], name) for name in node.input if name in constants}
    try:
        node, version = _inferable(node, version, types, values)
    except (LookupError, ValueError, onnx.defs.SchemaError):  # no such operator, or none that onnx can infer
        return
    alone = messages.ModelProto(ir_version=shell.ir_version)
    alone.opset_import.extend([o for o in shell.opset_import if o.domain not in ("", "ai.onnx")])
    alone.opset_import.add(version=version)
    alone.graph.node.append(node)
    alone.graph.initializer.extend(values.values())
    alone.graph.input.extend([messages.ValueInfoProto(name=n, type=t) for n, t in types.items() if n not in values])
    alone.graph.output.extend([messages.ValueInfoProto(name=name) for name in node.output if name])
    try:
        done = schema.parse_model(asking.shapes(alone.SerializeToString()))
    except InferenceError:  # operands that it refuses: then it stays unknown
        return
    for value in done.graph.output:
        if kind := typed(value.type):
            yield value.name, kind


def _inferable(
    node: onnx.NodeProto, version: int, types: dict[str, onnx.TypeProto], values: dict[str, onnx.TensorProto]
) -> tuple[onnx.NodeProto, int]:
    """An operator and the opset in which there is inference for it: the first ones, up to opset 5, mostly have none.

    What the first opsets wrote otherwise is put right: `types` and `values` are changed. Raises SchemaError where
    there is no such operator, ValueError where no version of it has inference, LookupError where it lacks operands.
    """
    import numpy as np
    import onnx
    from onnx import numpy_helper

    definition = onnx.defs.get_schema(node.op_type, version, node.domain)
    if definition.has_type_and_shape_inference_function or definition.has_function:  # type: ignore[attr-defined]
        return node, version
    if node.op_type in ("Add", "Sub", "Mul", "Div"):  # the second operand is fitted into the first one, at an axis
        types.update(dict.fromkeys(node.input, types[node.input[0]]))
        values.clear()
    if node.op_type == "Reshape" and len(node.input) == 1:  # the shape was an attribute
        shape = next((attribute.ints for attribute in node.attribute if attribute.name == "shape"), ())
        node = onnx.helper.make_node("Reshape", [node.input[0], "~shape"], node.output)
        values["~shape"] = numpy_helper.from_array(np.array(shape, np.int64), "~shape")
    for later in range(definition.since_version + 1, onnx.defs.onnx_opset_version() + 1):
        if onnx.defs.get_schema(node.op_type, later, node.domain).has_type_and_shape_inference_function:
            return node, later
    raise ValueError(f"no version of {node.op_type} has inference")


def _type(value: Known) -> onnx.TypeProto:
    made = messages.TypeProto()
    made.tensor_type.elem_type = value.dtype
    if value.dims is not None:
        _set_dims(made.tensor_type, value.dims)
    return made


def _check_windows(nodes: Iterable[Node], found: Found) -> None:
    """Refuse windows larger than the map that they slide over: onnx's inference makes a size below 1 of them."""
    if all(_possible(known.dims or ()) for known in _distinct(found)):
        return
    for node in nodes:
        if node.op in _WINDOWS and not node.domain and node.inputs and node.outputs:
            after = found.get(node.outputs[0], NOTHING).dims or ()
            if not _possible(after[2:]):
                before = found.get(node.inputs[0], NOTHING).dims
                raise _unfit(f"{node.op} {node.outputs[0]!r} has a window larger than its input of {_text(before)}")


_WINDOWS: Final = frozenset(("Conv", "MaxPool", "AveragePool", "LpPool"))


def _possible(sizes: Dims) -> bool:
    """Whether all sizes that are known are positive."""
    return all(size is None or size > 0 for size in sizes)


def check(graph: Graph) -> None:
    """Refuse what onnx's inference lets pass: elements lost in a Reshape, wrong channels."""
    known = _FITTING.opened()
    for kind, node, _ in graph.alike:
        if node.op in _FITS and not node.domain and kind not in known:
            if node.inputs and node.outputs:
                _FITS[node.op](node, graph)
            known[kind] = None


def _fits_channels(node: Node, graph: Graph) -> None:
    before, weight = graph.shape(node.inputs[0]), graph.shape(node.inputs[1]) if len(node.inputs) > 1 else None
    if before and weight and len(weight) > 1:
        channels = (weight[1] or 0) * node.attributes.get("group", 1)
        if before[1:2] not in ((channels,), (None,)):
            raise _unfit(f"Conv {node.outputs[0]!r} takes {channels} channels and gets {_text(before)}")


def _fits_elements(node: Node, graph: Graph) -> None:
    before, after = graph.shape(node.inputs[0]), graph.shape(node.outputs[0])
    if _whole(before) and _whole(after) and _product(before) != _product(after):
        raise _unfit(f"Reshape {node.outputs[0]!r} would turn {_text(before)} into {_text(after)}")


_FITS: Final = {"Conv": _fits_channels, "Reshape": _fits_elements}
_FITTING: Final[Memo[int, None]] = Memo()
"""The kinds of operators that have been checked, and fit."""


def _unfit(what: str) -> Refusal:
    return Refusal(what, "The network was made for another input size; this one it cannot take.")


def _whole(dims: Dims | None) -> bool:
    return dims is not None and None not in dims


def _product(dims: Dims | None) -> int:
    return math.prod(d or 0 for d in dims or ())


def _text(dims: Dims | None) -> str:
    if dims is None:
        return "an unknown size"
    return "x".join("?" if d is None else str(d) for d in dims) or "a scalar"
