"""What the TensorFlow zoos share: a network built in TensorFlow becomes a skeleton, without one weight being read.

The stock exporters freeze the weights into the graph and then fold BatchNormalization into convolutions, merge weights
that are still equal, and need 30 times the weights' memory. Here every variable becomes a graph input before tf2onnx
sees it, and afterwards an initializer that has dimensions and no data.
"""

from __future__ import annotations

import contextlib
import math
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, MutableSet
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

OPSET = 17
KEPT_BYTES = 1024
"""constants up to this size keep their data in a skeleton"""

RECURSION = 20_000
"""Keras and tf2onnx walk a network recursively; the largest here are deeper than Python's usual 1,000 calls"""

CALLS = ("PartitionedCall", "StatefulPartitionedCall")
HANDING_ON = ("Identity", "ReadVariableOp", "StopGradient", "PreventGradient")
HANDLES = ("VarHandleOp", "VariableV2", "Variable")
SHAPE_ONLY = ("Identity", "Transpose", "Reshape", "Squeeze", "Unsqueeze")
"""operators that only rearrange a tensor: on weights they are carried out, since layouts are no architecture"""


@dataclass(frozen=True)
class Network:
    """A TensorFlow graph for one image, whose variables are placeholders.

    `variables` maps a placeholder's name to the variable's own name; `value` returns a variable's numbers by its
    placeholder's name (only `check` asks for them).
    """

    graph: Any
    input: str
    output: str
    variables: dict[str, str]
    value: Callable[[str], Any]


@dataclass(frozen=True)
class Skeleton:
    """An ONNX model without weights, and what of it is a variable of the framework's model."""

    model: Any
    parameters: int
    """elements of the variables that the network reads"""
    constants: int
    """elements of the other floating-point tensors with several elements: no parameters of the framework's model"""


def quiet() -> None:
    """Keep TensorFlow off accelerators and its messages off the screen, and let deep networks be walked.

    Call before importing TensorFlow.
    """
    sys.setrecursionlimit(RECURSION)
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"


# ---------------------------------------------------------------- TensorFlow: tracing, variables to placeholders


@contextlib.contextmanager
def functions_inlined() -> Iterator[None]:
    """While this holds, calling a `tf.function` runs its Python code in place.

    Frameworks hide grouped convolutions in `tf.function(jit_compile=True)`: left alone, they would be opaque calls.
    """
    from tensorflow.python.eager.polymorphic_function import polymorphic_function

    def call(self: Any, *arguments: Any, **keywords: Any) -> Any:
        return self._python_function(*arguments, **keywords)

    with mock.patch.object(polymorphic_function.Function, "__call__", call):
        yield


def trace(call: Callable[[Any], Any], shape: tuple[int, ...], names: dict[Any, str]) -> Network:
    """The network that `call` computes on one float32 tensor of this shape.

    `names` maps `Variable.ref()` to the name that the variable shall have. A variable that is not among them raises.
    """
    import tensorflow as tf

    with functions_inlined():
        concrete = tf.function(lambda input: call(input), autograph=False).get_concrete_function(
            tf.TensorSpec(shape, tf.float32, name="input")
        )
    by_handle = {id(variable.handle): variable for variable in concrete.graph.variables}
    variables, tensors = {}, {}
    for outer, inner in concrete.graph.captures:
        if outer.dtype == tf.resource:
            variables[inner.op.name] = by_handle[id(outer)]
        else:
            tensors[inner.op.name] = outer.numpy()
    graph = without_variables(
        concrete.graph.as_graph_def(), {name: (v.shape, v.dtype) for name, v in variables.items()}, tensors
    )
    return Network(
        graph=pruned(graph, concrete.outputs[0].name),
        input=concrete.inputs[0].name,
        output=concrete.outputs[0].name,
        variables={name: names[variable.ref()] for name, variable in variables.items()},
        value=lambda name: variables[name].numpy(),
    )


def from_graph(graph: Any, image: Any, output: Any, value: Callable[[str], Any]) -> Network:
    """The network in a `tf.Graph` from the placeholder `image` to the tensor `output`; no session is needed.

    `value` returns a variable's numbers by the variable's name.
    """
    variables = {
        operation.name: (operation.get_attr("shape"), operation.get_attr("dtype"))
        for operation in graph.get_operations()
        if operation.type in HANDLES
    }
    definition = without_variables(graph.as_graph_def(), variables, {})
    return Network(
        graph=pruned(definition, output.name),
        input=image.name,
        output=output.name,
        variables={name: name for name in variables},
        value=value,
    )


def without_variables(graph: Any, variables: dict[str, tuple[Any, Any]], tensors: dict[str, Any]) -> Any:
    """Rewrite a GraphDef: each variable a Placeholder under its own name, each captured tensor a Const.

    Reading a variable, and whatever else hands on its input, is left out: tf2onnx's time grows with the square of the
    operators. Raises ValueError where a call to a function is left.
    """
    import tensorflow as tf

    result = type(graph)()
    result.versions.CopyFrom(graph.versions)
    handed_on = {node.name: node.input[0] for node in graph.node if node.op in HANDING_ON}

    def origin(name: str) -> str:
        while name.removesuffix(":0") in handed_on:
            name = handed_on[name.removesuffix(":0")]
        return name

    for node in graph.node:
        if node.op in CALLS:
            raise ValueError(f"{node.name}: a {node.op} is left, whose operators would not be seen")
        new = result.node.add()
        new.name = node.name
        if node.name in variables:
            shape, dtype = variables[node.name]
            new.op = "Placeholder"
            new.attr["dtype"].type = dtype.as_datatype_enum
            new.attr["shape"].shape.CopyFrom(tf.TensorShape(shape).as_proto())
        elif node.name in tensors:
            value = tensors[node.name]
            new.op = "Const"
            new.attr["dtype"].type = tf.as_dtype(value.dtype).as_datatype_enum
            new.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(value))
        elif node.op == "Erfc":  # ONNX has Erf only
            for name, op in ((f"{node.name}/erf", "Erf"), (f"{node.name}/one", "Const")):
                part = result.node.add(name=name, op=op)
                part.attr["T" if op == "Erf" else "dtype"].type = node.attr["T"].type
            result.node[-2].input.append(origin(node.input[0]))
            result.node[-1].attr["value"].tensor.CopyFrom(tf.make_tensor_proto(1, node.attr["T"].type))
            new.op = "Sub"
            new.attr["T"].type = node.attr["T"].type
            new.input.extend([f"{node.name}/one", f"{node.name}/erf"])
        else:
            new.CopyFrom(node)
            if node.op in HANDING_ON:  # an output may be one
                new.op = "Identity"
                new.attr.clear()
                new.attr["T"].type = node.attr["dtype" if node.op == "ReadVariableOp" else "T"].type
            del new.input[:]
            new.input.extend(origin(name) for name in node.input if not name.startswith("^"))
    return result


def pruned(graph: Any, output: str) -> Any:
    """The part of a GraphDef that the output depends on, in the graph's own order."""
    nodes = {node.name: node for node in graph.node}
    reached, waiting = set(), [output.partition(":")[0]]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += [source.partition(":")[0] for source in nodes[name].input]
    result = type(graph)()
    result.versions.CopyFrom(graph.versions)
    result.node.extend(node for node in graph.node if node.name in reached)
    return result


# ---------------------------------------------------------------- to ONNX, and to a skeleton


class Ordered(MutableSet[Any]):
    """A set that is walked in the order of insertion, so that nothing depends on the process's hash seed."""

    def __init__(self, items: Iterable[Any] = ()) -> None:
        self._items = dict.fromkeys(items)

    def __contains__(self, item: object) -> bool:
        return item in self._items

    def __iter__(self) -> Iterator[Any]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def add(self, value: Any) -> None:
        """Put it last, unless it is there."""
        self._items.setdefault(value)

    def discard(self, value: Any) -> None:
        """Take it out, if it is there."""
        self._items.pop(value, None)

    def update(self, items: Iterable[Any]) -> None:
        """Add several."""
        self._items.update(dict.fromkeys(items))

    def union(self, *others: Iterable[Any]) -> Ordered:
        """Itself and the others, in this order."""
        return Ordered(item for one in (self, *others) for item in one)

    def issubset(self, other: Any) -> bool:
        """Whether all are in the other set."""
        return all(item in other for item in self)


@contextlib.contextmanager
def structure_kept() -> Iterator[None]:
    """While this holds, tf2onnx folds no BatchNormalization into a convolution and merges no equal nodes.

    It also does the same in every process: it keeps an operator's consumers in a set of names.
    """
    from tf2onnx import graph, optimizer
    from tf2onnx.optimizer import back_to_back_optimizer

    pairs, passes = back_to_back_optimizer._func_map, optimizer._optimizers
    fewer_pairs = {pair: fold for pair, fold in pairs.items() if pair != ("Conv", "BatchNormalization")}
    fewer_passes = {name: one for name, one in passes.items() if name != "merge_duplication"}
    with (
        mock.patch.object(graph, "set", Ordered, create=True),
        mock.patch.dict(pairs, fewer_pairs, clear=True),
        mock.patch.dict(passes, fewer_passes, clear=True),
    ):
        yield


def converted(network: Network, name: str) -> Any:
    """The network as an ONNX model whose weights are inputs, named as in `network.graph`.

    Raises ValueError where a TensorFlow operator has no counterpart in ONNX.
    """
    import onnx
    import tensorflow as tf
    from tf2onnx import optimizer, tfonnx

    used = {node.name for node in network.graph.node}
    weights = [f"{placeholder}:0" for placeholder in network.variables if placeholder in used]
    with structure_kept(), tf.Graph().as_default() as graph:
        tf.import_graph_def(network.graph, name="")
        traced = tfonnx.process_tf_graph(
            graph, opset=OPSET, input_names=[network.input, *weights], output_names=[network.output]
        )
        model = optimizer.optimize_graph(traced, catch_errors=False).make_model(name, graph_name=name)
    if strange := sorted({node.op_type for node in model.graph.node if not onnx.defs.has(node.op_type, node.domain)}):
        raise ValueError(f"{name}: tf2onnx has no ONNX operator for {', '.join(strange)}")
    settle_shapes(model)
    return model


def settle_shapes(model: Any) -> None:
    """Replace operators that only compute with shapes by their results, since every dimension is known.

    Einsum, for one, becomes a chain from Shape to Reshape, which would hide that it only rearranges a weight.
    """
    import numpy as np
    import onnx

    graph = model.graph
    integers: dict[str, Any] = {}
    for tensor in graph.initializer:
        array = onnx.numpy_helper.to_array(tensor)
        if array.dtype.kind in "iub":
            integers[tensor.name] = array
    progress = any(node.op_type == "Shape" for node in graph.node)
    while progress:
        dimensions = known_shapes(model)
        kept = []
        for node in graph.node:
            value = None
            if node.op_type == "Shape" and node.input[0] in dimensions:
                value = np.array(dimensions[node.input[0]], np.int64)
            elif node.op_type != "Shape" and node.input and all(name in integers for name in node.input if name):
                value = evaluated(node, integers)
            if value is None or value.dtype.kind not in "iub":
                kept.append(node)
            else:
                integers[node.output[0]] = value
                graph.initializer.append(onnx.numpy_helper.from_array(value, node.output[0]))
        progress = len(kept) < len(graph.node)
        del graph.node[:]
        graph.node.extend(kept)


def known_shapes(model: Any) -> dict[str, list[int]]:
    """The shape of every tensor whose dimensions onnx can infer."""
    import onnx

    graph = onnx.shape_inference.infer_shapes(model, data_prop=True).graph
    found = {}
    for entry in [*graph.input, *graph.value_info, *graph.output]:
        shape = entry.type.tensor_type.shape
        if entry.type.tensor_type.HasField("shape") and all(one.HasField("dim_value") for one in shape.dim):
            found[entry.name] = [one.dim_value for one in shape.dim]
    return found


def evaluated(node: Any, values: dict[str, Any]) -> Any:
    """The one result of an operator whose inputs are all known."""
    import onnx
    from onnx.reference import ReferenceEvaluator

    inputs = {name: values[name] for name in node.input if name}
    kinds = {name: onnx.helper.np_dtype_to_tensor_dtype(value.dtype) for name, value in inputs.items()}
    graph = onnx.helper.make_graph(
        [node],
        "one",
        [onnx.helper.make_tensor_value_info(name, kinds[name], value.shape) for name, value in inputs.items()],
        [onnx.helper.make_empty_tensor_value_info(node.output[0])],
    )
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", OPSET)])
    (result,) = list(ReferenceEvaluator(model).run(None, inputs))
    return result


def skeleton(network: Network, name: str, filled: bool = False) -> Skeleton:
    """The network as an ONNX model whose weights have dimensions and no data, or (`filled`) the variables' numbers."""
    import numpy as np
    import onnx

    model = converted(network, name)
    names = {f"{placeholder}:0": variable for placeholder, variable in network.variables.items()}
    shapes = {
        entry.name: (
            [dimension.dim_value for dimension in entry.type.tensor_type.shape.dim],
            onnx.helper.tensor_dtype_to_np_dtype(entry.type.tensor_type.elem_type),
        )
        for entry in model.graph.input
        if entry.name in names
    }
    # A view of one zero has any shape and no memory: what rearranges it rearranges dimensions only.
    weights = {
        key: network.value(key.partition(":")[0]) if filled else np.broadcast_to(np.zeros((), dtype), shape)
        for key, (shape, dtype) in shapes.items()
    }
    parameters = sum(weight.size for weight in weights.values())
    folded = fold(model.graph, weights)
    constants = drop_large(model.graph) if not filled else 0
    for key, (source, weight) in folded.items():
        kind = onnx.helper.np_dtype_to_tensor_dtype(weight.dtype)
        data = weight.tobytes() if filled else None
        model.graph.initializer.add(name=key, data_type=kind, dims=weight.shape, raw_data=data)
        names[key] = names[source]
    settle(model, name, names, network)
    if len({source for source, _ in folded.values()}) != len(folded):
        raise ValueError(f"{name}: a variable is used in two layouts, so that it would count twice")
    if sum(weight.size for _, weight in folded.values()) != parameters:
        raise ValueError(f"{name}: the converted graph reads fewer variables than TensorFlow's")
    return Skeleton(model, parameters, constants)


def fold(graph: Any, weights: dict[str, Any]) -> dict[str, tuple[str, Any]]:
    """Carry out what only rearranges weights, remove it from the graph, and take the weights out of its inputs.

    `weights` maps an input's name to its array. Returns, for each weight that the graph now reads, the input that it
    comes from and the array.
    """
    constants = {tensor.name: tensor for tensor in graph.initializer}
    known = {name: (name, array) for name, array in weights.items()}
    done: dict[tuple[Any, ...], str] = {}
    renamed: dict[str, str] = {}
    kept = []
    for node in graph.node:
        node.input[:] = [renamed.get(name, name) for name in node.input]
        if node.op_type in SHAPE_ONLY and node.input[0] in known and all(name in constants for name in node.input[1:]):
            source, array = known[node.input[0]]
            result = rearranged(node, array, constants)
            same = (node.input[0], node.op_type, tuple(result.shape), *(a.SerializeToString() for a in node.attribute))
            renamed[node.output[0]] = done.setdefault(same, node.output[0])
            known[node.output[0]] = (source, result)
        else:
            kept.append(node)
    inputs = [entry for entry in graph.input if entry.name not in weights]
    del graph.node[:], graph.input[:]
    graph.node.extend(kept)
    graph.input.extend(inputs)
    read = {name for node in kept for name in node.input}
    unread = [tensor for tensor in graph.initializer if tensor.name not in read]
    for tensor in unread:
        graph.initializer.remove(tensor)
    return {name: pair for name, pair in known.items() if name in read}


def rearranged(node: Any, array: Any, constants: dict[str, Any]) -> Any:
    """What a Transpose, Reshape, Squeeze, Unsqueeze or Identity node makes of an array (a view where numpy can)."""
    import numpy as np
    import onnx

    operands = [onnx.numpy_helper.to_array(constants[name]).tolist() for name in node.input[1:]]
    if node.op_type == "Transpose":
        permutations = [list(one.ints) for one in node.attribute if one.name == "perm"]
        return np.transpose(array, *permutations)
    if node.op_type == "Reshape":
        return array.reshape([array.shape[axis] if size == 0 else size for axis, size in enumerate(operands[0])])
    if node.op_type == "Squeeze":
        return np.squeeze(array, *(tuple(axes) for axes in operands))
    if node.op_type == "Unsqueeze":
        return np.expand_dims(array, tuple(operands[0]))
    return array


def drop_large(graph: Any) -> int:
    """Drop the data of floating-point constants above `KEPT_BYTES`; return the elements of all that have several."""
    import numpy as np
    import onnx

    elements = 0
    for tensor in graph.initializer:
        array = onnx.numpy_helper.to_array(tensor)
        if not np.issubdtype(array.dtype, np.floating):
            continue
        elements += array.size if array.size > 1 else 0
        if array.nbytes > KEPT_BYTES:
            bare = onnx.TensorProto(name=tensor.name, data_type=tensor.data_type, dims=tensor.dims)
            tensor.CopyFrom(bare)
    return elements


def settle(model: Any, name: str, names: dict[str, str], network: Network) -> None:
    """Give everything a name and a place that depend on the network only, not on what the process did before.

    Weights are called as their variables; the input `input`, the output `output`; other tensors and the operators by
    their TensorFlow operator's path, without tf2onnx's counters and addresses, numbered where several have one.
    Operators stand in the order of a walk back from the output, initializers in the order of their first use.
    """
    graph = model.graph
    producers = {output: node for node in graph.node for output in node.output}
    order: list[Any] = []
    seen: set[int] = set()
    stack: list[tuple[Any, bool]] = [(producers[entry.name], False) for entry in graph.output]
    while stack:
        node, ready = stack.pop()
        if ready:
            order.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            stack.append((node, True))
            stack += [(producers[name], False) for name in reversed(node.input) if name in producers]
    final = {"": "", network.input: "input", network.output: "output"}
    taken: dict[str, int] = {}

    def fresh(old: str) -> str:
        path = names.get(old) or re.sub(r"__\d+|\d{9,}", "", old.partition(":")[0])
        taken[path] = taken.get(path, 0) + 1
        return path if taken[path] == 1 else f"{path}__{taken[path]}"

    for node in order:
        for old in [*node.input, *node.output]:
            if old not in final:
                final[old] = fresh(old)
    for number, node in enumerate(order):
        node.input[:] = [final[old] for old in node.input]
        node.output[:] = [final[old] for old in node.output]
        node.name = node.output[0] if node.output[0] != "output" else f"output/{node.op_type}"
        node.doc_string = ""
        node.attribute.sort(key=lambda attribute: attribute.name)
        order[number] = type(node).FromString(node.SerializeToString())
    del graph.node[:], graph.value_info[:]
    graph.node.extend(order)
    for entry in [*graph.input, *graph.output, *graph.initializer]:
        entry.name = final[entry.name]
    rank = {new: number for number, new in enumerate(final.values())}
    graph.initializer.sort(key=lambda tensor: rank[tensor.name])
    graph.name, graph.doc_string, model.doc_string = name, "", ""


def write(found: Skeleton, path: Path) -> str:
    """Write a skeleton and return its file name; the same network gives the same bytes."""
    path.write_bytes(found.model.SerializeToString(deterministic=True))
    return path.name


# ---------------------------------------------------------------- check


def check(network: Network, pictures: list[Any], answers: list[Any], path: Path) -> None:
    """Write a network's variables as its skeleton has them, pictures, and what is answered to them.

    The variables' numbers take the way that the skeleton's dimensions take, so that rearranging them is checked too.
    """
    import onnx

    from zoodiff.zoos import _check

    model = skeleton(network, "check", filled=True).model
    weights = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    _check.write(path, weights, pictures, answers)


def pictures(height: int, width: int, scale: float) -> list[Any]:
    """Two random pictures, each of its own (see `_check.pictures`)."""
    from zoodiff.zoos import _check

    return _check.pictures((1, height, width, 3), 3, scale)


def weight(name: str, value: Any, gain: float) -> Any:
    """Random numbers for a variable (see `_check.weight`). TensorFlow's kernels end in inputs and outputs.

    Those of depthwise convolutions end in inputs and how many outputs there are of each; not all are called so.
    """
    from zoodiff.zoos import _check

    depthwise = "depthwise" in name.rpartition("/")[2] or value.shape[3:] == (1,)
    inputs = value.shape[:2] if depthwise else value.shape[:-1]
    return _check.weight(name, value, math.prod(inputs), gain)


def proven(folder: Path, graph: str, checked: Path) -> None:
    """Raise unless a skeleton computes what was written for a check of it."""
    from zoodiff.zoos import _check

    if (error := _check.error(folder / graph, checked)) > 1e-4:
        raise RuntimeError(f"{graph}: the graph's output is {error} away from the framework's")
