"""A network that can be edited: nodes, parameters and shapes of an ONNX model, and whether it is still a legal one."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper, shape_inference

Shape = tuple[int, ...]

UNARY = frozenset(
    "Relu LeakyRelu Clip Sigmoid HardSigmoid HardSwish Softplus Tanh Elu Gelu Erf Identity Dropout".split()
)
"""operators that work on each element by itself and keep the shape"""
BINARY = frozenset("Add Sub Mul Div Max Min Sum".split())
"""element by element, with broadcasting"""
COMMUTATIVE = frozenset("Add Mul Max Min Sum".split())
ACTIVATIONS = frozenset("Relu LeakyRelu Clip Softplus Gelu HardSwish".split())


class Illegal(ValueError):
    """The network breaks a rule of its operators; the message says which."""


class Net:
    """An ONNX model taken apart: edit `nodes`, `weights` and the rest, call `edited`, and assemble with `model`.

    Initializers may have dimensions only; `data` says what an initializer holds. Raises Illegal where shapes cannot be
    inferred; `shapes` are those of the same model, where they were inferred before.
    """

    def __init__(self, model: onnx.ModelProto, shapes: dict[str, Shape] | None = None) -> None:
        self._shell = onnx.ModelProto()
        self._shell.CopyFrom(model)
        self._shell.ir_version = max(4, model.ir_version)  # before, initializers had to be inputs too
        graph = self._shell.graph
        self.nodes: list[onnx.NodeProto] = [_copy(node) for node in graph.node]
        self.weights: dict[str, TensorProto] = {tensor.name: _copy(tensor) for tensor in graph.initializer}
        self.inputs = [_copy(value) for value in graph.input if value.name not in self.weights]
        self.outputs = [_copy(value) for value in graph.output]
        self.opset = next(entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx"))
        self.renamed: dict[str, str] = {}
        """new names of tensors by their old ones"""
        self._fresh = 0
        self.edited()
        self.shapes = self.inferred() if shapes is None else dict(shapes)

    # ------------------------------------------------------------ reading

    def edited(self) -> None:
        """Find producers and consumers again; call it after nodes came, went or were connected otherwise."""
        self.producer = {name: node for node in self.nodes for name in node.output if name}
        self.consumers: dict[str, list[onnx.NodeProto]] = defaultdict(list)
        for node in self.nodes:
            for name in dict.fromkeys(node.input):
                self.consumers[name].append(node)

    def shape(self, name: str) -> Shape:
        """Dimensions of a tensor; empty where unknown."""
        if name in self.weights:
            return tuple(self.weights[name].dims)
        return self.shapes.get(name, ())

    def data(self, name: str) -> np.ndarray | None:
        """What a constant holds; None for tensors that are computed and for initializers with dimensions only."""
        tensor = self.weights.get(name)
        if tensor is None or not _has_data(tensor):
            return None
        return numpy_helper.to_array(tensor)

    def scalar(self, name: str) -> float | None:
        """The only element of a constant."""
        found = self.data(name)
        return float(found.ravel()[0]) if found is not None and found.size == 1 else None

    def op(self, name: str) -> str:
        """The operator that makes a tensor; empty for inputs and initializers."""
        node = self.producer.get(name)
        return node.op_type if node else ""

    def only_consumer(self, name: str) -> onnx.NodeProto | None:
        """The one node that reads a tensor; None where there are several, or where the network returns it."""
        readers = self.consumers[name]
        return readers[0] if len(readers) == 1 and name not in self.returned else None

    @property
    def returned(self) -> set[str]:
        """Names of the network's outputs."""
        return {value.name for value in self.outputs}

    def computed(self) -> set[str]:
        """The tensors that depend on an input; all others are constants, however they are made."""
        found = {value.name for value in self.inputs}
        for node in self.ordered():
            if not found.isdisjoint(node.input):
                found.update(node.output)
        return found

    def own_weight(self, node: onnx.NodeProto, position: int) -> str | None:
        """An operator's parameter, where it is an initializer that nothing else uses."""
        if position >= len(node.input):
            return None
        name = node.input[position]
        return name if name in self.weights and len(self.consumers[name]) == 1 else None

    # ------------------------------------------------------------ editing

    def fresh(self, stem: str) -> str:
        """A tensor's name that nothing has yet."""
        self._fresh += 1
        name = f"{stem}_{self._fresh}"
        taken = name in self.weights or name in self.producer or any(name == value.name for value in self.inputs)
        return self.fresh(stem) if taken else name

    def constant(self, value: object, dtype: str = "float32") -> str:
        """A new initializer that holds `value`; returns its name."""
        name = self.fresh("constant")
        self.weights[name] = numpy_helper.from_array(np.array(value, dtype), name)
        return name

    def weight(self, shape: Sequence[int], stem: str) -> str:
        """A new initializer of float32 with dimensions only; returns its name."""
        name = self.fresh(stem)
        self.weights[name] = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=shape)
        return name

    def resize(self, name: str, shape: Sequence[int]) -> None:
        """Give an initializer other dimensions; it holds no data after."""
        self.weights[name] = TensorProto(name=name, data_type=self.weights[name].data_type, dims=shape)

    def derived(self, name: str, shape: Sequence[int], how: Callable[[np.ndarray], np.ndarray]) -> str:
        """A new initializer computed from another: of `shape`, and with `how` of its data where it has them."""
        new = self.fresh("derived")
        found = self.data(name)
        if found is None:
            self.weights[new] = TensorProto(name=new, data_type=self.weights[name].data_type, dims=shape)
        else:
            self.weights[new] = numpy_helper.from_array(np.ascontiguousarray(how(found)).reshape(shape), new)
        return new

    def replace(self, node: onnx.NodeProto, *new: onnx.NodeProto) -> None:
        """Put nodes in the place of one."""
        at = next(i for i, other in enumerate(self.nodes) if other is node)
        self.nodes[at : at + 1] = new

    def remove(self, nodes: Iterable[onnx.NodeProto], output: str, instead: str) -> None:
        """Remove nodes, the last of which makes `output`, and let its readers take `instead`."""
        gone = {id(node) for node in nodes}
        self.nodes = [node for node in self.nodes if id(node) not in gone]
        self.redirect(output, instead)

    def redirect(self, old: str, new: str, besides: Iterable[onnx.NodeProto] = ()) -> None:
        """Let all that reads `old` read `new`, but for the nodes named. Raises Illegal where the network returns it."""
        if old in self.returned:
            raise Illegal(f"{old} is what the network returns")
        kept = {id(node) for node in besides}
        for node in self.nodes:
            if id(node) not in kept:
                for at, name in enumerate(node.input):
                    if name == old:
                        node.input[at] = new

    # ------------------------------------------------------------ assembling

    def ordered(self, pick: Callable[[int], int] | None = None) -> list[onnx.NodeProto]:
        """The nodes so that each comes after what it reads.

        Among those ready number `pick(how many)` comes next; without it the one that stood first.
        """
        place = {id(node): at for at, node in enumerate(self.nodes)}
        missing = {id(node): sum(name in self.producer for name in set(node.input)) for node in self.nodes}
        ready = [node for node in self.nodes if not missing[id(node)]]
        found = []
        while ready:
            first = min(range(len(ready)), key=lambda at: place[id(ready[at])])
            node = ready.pop(pick(len(ready)) if pick else first)
            found.append(node)
            for name in node.output:
                for reader in self.consumers[name] if name else ():
                    missing[id(reader)] -= 1
                    if not missing[id(reader)]:
                        ready.append(reader)
        if len(found) != len(self.nodes):
            raise Illegal("a cycle")
        return found

    def model(self) -> onnx.ModelProto:
        """Assemble the ONNX model, in the order of `nodes`, with the initializers that are used."""
        whole = onnx.ModelProto()
        whole.CopyFrom(self._shell)
        graph = whole.graph
        for field in ("node", "initializer", "input", "output", "value_info"):
            graph.ClearField(field)
        graph.node.extend(self.nodes)
        used = {name for node in self.nodes for name in node.input}
        graph.initializer.extend(tensor for name, tensor in self.weights.items() if name in used)
        graph.input.extend(self.inputs)
        graph.output.extend(self.outputs)
        return whole

    def inferred(self) -> dict[str, Shape]:
        """Shapes of all tensors by onnx's own inference. Raises Illegal where it refuses."""
        try:
            whole = shape_inference.infer_shapes(self.model(), strict_mode=True, data_prop=True)
        except (shape_inference.InferenceError, ValueError) as error:
            raise Illegal(str(error).strip()[:200]) from error
        values = [*whole.graph.value_info, *whole.graph.output, *whole.graph.input]
        return {value.name: shape for value in values if (shape := _shape(value)) is not None}


# ---------------------------------------------------------------- legality


def check(net: Net, before: Net) -> None:
    """Raise Illegal unless the network is legal by its operators' rules, with the broadcasts of `before` and no others.

    onnx's inference lets a wrong bias, a Reshape to another number of elements and 1 against 7 pass: all are refused.
    `net.shapes` must be those of the edited network.
    """
    for node in net.nodes:
        shapes = [net.shape(name) for name in node.input]
        if any(extent <= 0 for name in node.output for extent in net.shape(name)):
            raise Illegal(f"{node.output[0]} has no elements")
        known = onnx.defs.get_schema(node.op_type, net.opset, node.domain).attributes
        if strange := [found.name for found in node.attribute if found.name not in known]:
            raise Illegal(f"{node.op_type} has no {strange} in opset {net.opset}")
        rule = _RULES.get(node.op_type)
        if rule and not rule(net, node, shapes):
            raise Illegal(f"{node.op_type} {node.output[0]} on {shapes}")
        same = before.producer.get(node.output[0])
        if node.op_type in BINARY and same is not None and same.op_type == node.op_type:
            old = [before.shape(name) for name in same.input]
            if len(set(old)) == 1 and len(set(shapes)) > 1:
                raise Illegal(f"{node.output[0]} broadcasts {shapes}")


def _conv(_: Net, node: onnx.NodeProto, shapes: list[Shape]) -> bool:
    (_, channels, *_), (out, of_group, *kernel) = shapes[:2]
    group = attribute(node, "group", 1)
    fits = channels == of_group * group and out % group == 0 and (len(shapes) < 3 or shapes[2] == (out,))
    return fits and attribute(node, "kernel_shape", kernel) == kernel and min(attribute(node, "pads", [0])) >= 0


def _pool(_: Net, node: onnx.NodeProto, _shapes: list[Shape]) -> bool:
    kernel = attribute(node, "kernel_shape", [])
    return all(pad < size for pad, size in zip(attribute(node, "pads", [0] * 2 * len(kernel)), kernel * 2, strict=True))


def _norm(_: Net, _node: onnx.NodeProto, shapes: list[Shape]) -> bool:
    return all(shape == shapes[0][1:2] for shape in shapes[1:])


def _gemm(_: Net, node: onnx.NodeProto, shapes: list[Shape]) -> bool:
    left = shapes[0][::-1] if attribute(node, "transA", 0) else shapes[0]
    right = shapes[1][::-1] if attribute(node, "transB", 0) else shapes[1]
    return left[1] == right[0] and (len(shapes) < 3 or math.prod(shapes[2]) in (1, right[1]))


def _matmul(_: Net, _node: onnx.NodeProto, shapes: list[Shape]) -> bool:
    return not all(shapes) or shapes[0][-1] == shapes[1][0 if len(shapes[1]) == 1 else -2]


def _reshape(net: Net, node: onnx.NodeProto, shapes: list[Shape]) -> bool:
    return math.prod(shapes[0]) == math.prod(net.shape(node.output[0]))


def _concat(_: Net, node: onnx.NodeProto, shapes: list[Shape]) -> bool:
    axis = attribute(node, "axis", 0) % max(1, len(shapes[0]))
    return len({shape[:axis] + shape[axis + 1 :] for shape in shapes}) == 1


_RULES: dict[str, Callable[[Net, onnx.NodeProto, list[Shape]], bool]] = {
    "Conv": _conv,
    "MaxPool": _pool,
    "AveragePool": _pool,
    "BatchNormalization": _norm,
    "Gemm": _gemm,
    "MatMul": _matmul,
    "Reshape": _reshape,
    "Concat": _concat,
}


# ---------------------------------------------------------------- likeness


def alike(net: Net) -> dict[str, int]:
    """A number per node, by its first output: equal where nothing in the network tells two nodes apart.

    Operators, attributes and parameters' dimensions on all ways from the inputs and to the outputs, operands of
    commutative operators in any order.
    """
    own = {}
    for node in net.nodes:
        found = tuple(sorted(entry.SerializeToString() for entry in node.attribute))
        dims = tuple(net.shape(name) for name in node.input if name in net.weights)
        own[node.output[0]] = hash((node.op_type, found, dims))
    ahead: dict[str, int] = {}
    for node in net.ordered():
        operands = [(ahead.get(name, 0) if name in net.producer else hash(net.shape(name))) for name in node.input]
        whole = sorted(operands) if node.op_type in COMMUTATIVE else operands
        for port, name in enumerate(node.output):
            ahead[name] = hash((own[node.output[0]], tuple(whole), port))
    back: dict[str, int] = {}
    for node in reversed(net.ordered()):
        uses = []
        for name in node.output:
            for reader in net.consumers[name]:
                ports = (
                    []
                    if reader.op_type in COMMUTATIVE
                    else [at for at, other in enumerate(reader.input) if other == name]
                )
                uses.append(hash((back[reader.output[0]], ahead[reader.output[0]], tuple(ports))))
        returned = tuple(name in net.returned for name in node.output)
        back[node.output[0]] = hash((own[node.output[0]], tuple(sorted(uses)), returned))
    return {name: hash((ahead[name], back[name])) for name in back}


# ---------------------------------------------------------------- nodes


def attribute(node: onnx.NodeProto, name: str, default: Any) -> Any:
    """The value of a node's attribute, as Python has it."""
    for found in node.attribute:
        if found.name == name:
            value = helper.get_attribute_value(found)
            return list(value) if isinstance(default, list) else value
    return default


def assign(node: onnx.NodeProto, **values: object) -> None:
    """Set attributes of a node; None removes one."""
    kept = [_copy(found) for found in node.attribute if found.name not in values]
    kept += [helper.make_attribute(name, value) for name, value in values.items() if value is not None]
    del node.attribute[:]
    node.attribute.extend(kept)


def make(op: str, inputs: Sequence[str], output: str, **attributes: object) -> onnx.NodeProto:
    """A node with one output and no name."""
    return helper.make_node(op, list(inputs), [output], **attributes)


class Window:
    """What a convolution or pooling over two axes looks at: kernel, strides, dilations, pads, input size."""

    def __init__(self, net: Net, node: onnx.NodeProto) -> None:
        kernel = list(net.shape(node.input[1])[2:]) if node.op_type == "Conv" else []
        self.kernel: list[int] = attribute(node, "kernel_shape", kernel)
        self.strides: list[int] = attribute(node, "strides", [1, 1])
        self.dilations: list[int] = attribute(node, "dilations", [1, 1])
        self.pads: list[int] = attribute(node, "pads", [0, 0, 0, 0])
        self.size = net.shape(node.input[0])[2:]
        self.explicit = attribute(node, "auto_pad", b"NOTSET") in (b"NOTSET", b"")

    def spare(self) -> list[int]:
        """Rows and columns of the padded input at its end that no window covers (ceil_mode left aside)."""
        reach = [dilation * (kernel - 1) + 1 for dilation, kernel in zip(self.dilations, self.kernel, strict=True)]
        padded = [self.size[i] + self.pads[i] + self.pads[2 + i] for i in (0, 1)]
        return [(padded[i] - reach[i]) % self.strides[i] for i in (0, 1)]

    def effective(self) -> list[int]:
        """The pads without what no window covers."""
        spare = self.spare()
        return [*self.pads[:2], *(max(0, self.pads[2 + i] - spare[i]) for i in (0, 1))]


def _copy(message: Any) -> Any:
    new = type(message)()
    new.CopyFrom(message)
    return new


def _has_data(tensor: TensorProto) -> bool:
    fields = ("raw_data", "float_data", "int32_data", "int64_data", "double_data", "uint64_data")
    return math.prod(tensor.dims) == 0 or any(len(getattr(tensor, field)) for field in fields)


def _shape(value: onnx.ValueInfoProto) -> Shape | None:
    if not value.type.tensor_type.HasField("shape"):
        return None
    dims = value.type.tensor_type.shape.dim
    return tuple(dim.dim_value for dim in dims) if all(dim.HasField("dim_value") for dim in dims) else None
