"""Find shapes operator by operator, and compute on the way what they depend on.

onnx's inference over a whole model stops where shapes pass through chains of Shape, Gather, Concat and the like.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from zoodiff.reading import schema
from zoodiff.reading.native import Inference, InferenceError
from zoodiff.reading.schema import messages
from zoodiff.reading.values import Constants, Found, Known, evaluate, set_dims, typed
from zoodiff.record import Constant

if TYPE_CHECKING:
    import numpy as np
    import onnx

Answers = dict[Hashable, list[Known | None]]
"""What inference said of each operator's outputs, by all that it looked at."""


def walk(model: onnx.ModelProto, initializers: Mapping[str, Constant], found: Found, asking: Inference) -> Found:
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
        set_dims(made.tensor_type, value.dims)
    return made
