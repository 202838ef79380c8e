"""See a normalised graph as steps: what is compared, with movement of data (Reshape, Transpose) taken for granted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, Final, NamedTuple

from zoodiff.draft import Draft, Op
from zoodiff.normalise import normalise
from zoodiff.own import Own, per_operator
from zoodiff.record import Graph

MOVEMENT: Final = frozenset({"Reshape", "Flatten", "Transpose", "Squeeze", "Unsqueeze", "Cast", "Identity", "Expand"})
COMMUTATIVE: Final = frozenset({"Add", "Mul", "Sum", "Max", "Min", "Mean", "Concat"})

_KINDS: Final = {
    **dict.fromkeys(("Conv", "ConvTranspose", "QLinearConv", "ConvInteger", "DeformConv"), "convolution"),
    **dict.fromkeys(("Gemm", "QGemm"), "dense"),
    **dict.fromkeys(("MaxPool", "AveragePool", "LpPool", "QLinearAveragePool"), "pooling"),
    **dict.fromkeys(("GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool", "QLinearGlobalAveragePool"), "pooling"),
    **dict.fromkeys(
        (
            "BatchNormalization",
            "LayerNormalization",
            "InstanceNormalization",
            "GroupNormalization",
            "LRN",
            "LpNormalization",
            "RMSNormalization",
        ),
        "normalization",
    ),
    **dict.fromkeys(
        (
            "Relu",
            "Clip",
            "LeakyRelu",
            "PRelu",
            "Elu",
            "Selu",
            "Celu",
            "Sigmoid",
            "HardSigmoid",
            "HardSwish",
            "Swish",
            "Gelu",
            "Mish",
            "Tanh",
            "Softplus",
            "Softsign",
            "ThresholdedRelu",
            "Exp",
            "Erf",
            "Sqrt",
            "Abs",
            "Neg",
        ),
        "activation",
    ),
}
"""What an operator is, where several are of one kind; every other operator is a kind of its own."""

_FRONT: Final = frozenset({"Gather", "Slice", "Split", "Concat", "Resize"})
"""Operators that, like arithmetic with constants, only prepare an image where they come before all others."""

_HEAD: Final = frozenset({"Softmax", "LogSoftmax", "ArgMax", "TopK"})
"""Operators that only read the scores where they come after all others."""

Port = tuple[int, int]
"""A tensor: the step that makes it (-1, -2, ... for the graph's inputs) and which of its outputs."""


@dataclass(slots=True, eq=False)
class Step:
    """One operator that computes, as it is compared."""

    index: int
    op: str
    kind: str
    name: str
    """first output, in the file, of the operator that it stands for"""
    inputs: tuple[Port, ...]
    attributes: dict[str, Any]
    """what is compared: defaults filled in, padding as it takes effect at this size"""
    stated: dict[str, Any]
    """the same as the file states it, defaults filled in"""
    weights: tuple[tuple[int, ...], ...]
    """shapes of its constant operands"""
    shape_in: tuple[int, ...] | None
    shape_out: tuple[int, ...] | None
    channels_in: int | None
    channels: int | None
    """of its output; None where they are not known"""
    size: tuple[int, ...]
    """the output's other dimensions, batch included"""
    macs: int = 0
    params: int = 0
    scope: str = ""
    readers: list[tuple[int, int]] = field(default_factory=list)
    """steps that read its output, and at which place"""

    @property
    def depthwise(self) -> bool:
        """Whether each channel is convolved on its own."""
        return self.kind == "convolution" and self.attributes.get("group") == "depthwise"

    @property
    def weighted(self) -> bool:
        """Whether it multiplies by a weight."""
        return self.kind in ("convolution", "dense")


class Input(NamedTuple):
    """What a user feeds."""

    name: str
    stated: tuple[int | None, ...]
    """its dimensions in the file's layout"""
    shape: tuple[int | None, ...]
    """the same with an image's channels first"""


@dataclass(slots=True, eq=False)
class Net:
    """A network as it is compared: steps in an order in which they can run."""

    steps: list[Step]
    inputs: list[Input]
    outputs: list[Port]
    unplaced: Own
    """what the file's operators cost that no step stands for"""
    preprocessing: list[Step]
    head: list[Step]
    """what comes before the first and after the last operator that learns: the interface, set apart"""
    unknown: tuple[str, ...]
    """operators that are compared by their name and attributes alone"""
    draft: Draft
    """the normal form"""
    ops: dict[Step, Op]
    """the operator of the normal form that each step is"""

    @property
    def every(self) -> list[Step]:
        """All steps, those of the interface last."""
        return self.steps + self.preprocessing + self.head

    @property
    def macs(self) -> int:
        """What it costs as a whole, in multiply-accumulates."""
        return sum(step.macs for step in self.every) + self.unplaced.macs

    @property
    def params(self) -> int:
        """What it costs as a whole, in parameters."""
        return sum(step.params for step in self.every) + self.unplaced.params


def build(graph: Graph) -> Net:
    """The steps of a graph, from its normal form."""
    return _Builder(graph, normalise(graph)).build()


def added_on(net: Net, step: Step) -> bool:
    """Whether all that becomes of a sum is that more is added to it: the order of addition is free."""
    if step.op != "Add" or len(step.readers) != 1 or net.steps[step.readers[0][0]].op != "Add":
        return False
    return all(source != step.index for source, _ in net.outputs)


class _Builder:
    def __init__(self, graph: Graph, draft: Draft) -> None:
        self.graph, self.draft = graph, draft
        draft.sort()
        self.ports: dict[str, Port] = {value.name: (-1 - at, 0) for at, value in enumerate(draft.inputs)}
        self.steps: list[Step] = []
        self.own = per_operator(graph)
        self.left = set(range(len(graph.nodes)))
        self.claims: dict[int, list[Step]] = {}
        self.pending: dict[Port, list[int]] = {}
        self.preprocessing: list[Step] = []
        self.head: list[Step] = []
        self.ops: dict[Step, Op] = {}

    def build(self) -> Net:
        for op in self.draft.ops:
            if self._moves(op):
                self._contract(op)
            else:
                self._step(op)
        self._share()
        outputs = [self.ports[name] for name in self.draft.outputs if name in self.ports]
        while len(outputs) == 1 and self.steps and self.steps[-1].op in _HEAD and outputs[0][0] == len(self.steps) - 1:
            self.head.append(self.steps.pop())
            outputs = [self.head[-1].inputs[0]]
        for step in self.steps:
            for place, (source, _) in enumerate(step.inputs):
                if source >= 0:
                    self.steps[source].readers.append((step.index, 0 if step.op in COMMUTATIVE else place))
        left = [self.own[at] for at in self.left]
        return Net(
            steps=self.steps,
            inputs=[Input(v.name, v.shape or (), channels_first(v.shape or ())) for v in self.draft.inputs],
            outputs=outputs,
            unplaced=Own(sum(o.macs for o in left), sum(o.flops for o in left), sum(o.params for o in left)),
            preprocessing=self.preprocessing,
            head=self.head,
            unknown=tuple(dict.fromkeys(step.op for step in self.steps if step.shape_out is None)),
            draft=self.draft,
            ops=self.ops,
        )

    def _moves(self, op: Op) -> bool:
        """Whether an operator only moves data: also a Gather by constants that takes as many elements as there are."""
        if not op.inputs or op.inputs[0] not in self.ports or len(op.outputs) != 1:
            return False
        if op.op == "Gather" and op.inputs[1] in self.draft.constants:
            before, after = self.draft.whole(op.inputs[0]), self.draft.whole(op.outputs[0])
            return before is not None and after is not None and math.prod(before) == math.prod(after)
        return op.op in MOVEMENT

    def _contract(self, op: Op) -> None:
        port = self.ports[op.inputs[0]]
        self.ports[op.outputs[0]] = port
        self.pending.setdefault(port, []).extend(self.draft.stands_for(op))

    def _step(self, op: Op) -> None:
        draft, index = self.draft, len(self.steps)
        carried = [name for name in op.inputs if name in self.ports]
        constants = [name for name in op.inputs if name and name not in self.ports]
        origin = draft.stands_for(op)
        for name in carried:
            origin += self.pending.pop(self.ports[name], [])
        together = draft.shared.intersection(origin)
        mine = [at for at in dict.fromkeys(origin) if at in self.left and at not in together]
        self.left.difference_update(mine)
        first = carried[0] if carried else ""
        shape_in, shape_out = draft.whole(first) if first else None, draft.whole(op.outputs[0])
        stated = _stated(op, draft)
        weights = tuple(draft.constants[name].shape for name in constants if name in draft.constants)
        inputs = tuple(self.ports[name] for name in carried)
        channels, size = _channels(op, shape_out)
        if shape_out is None and op.op == "Conv" and weights and weights[0]:
            channels = weights[0][0]
        step = Step(
            index=index,
            op=op.op,
            kind=_kind(op, len(carried)),
            name=op.name,
            inputs=inputs,
            attributes=_compared(op, stated, shape_in, shape_out, weights),
            stated=stated,
            weights=weights,
            shape_in=shape_in,
            shape_out=shape_out,
            channels_in=_channels(op, shape_in)[0],
            channels=channels,
            size=size,
            macs=sum(self.own[at].macs for at in mine),
            params=sum(self.own[at].params for at in mine),
            scope=op.scope,
        )
        self.ops[step] = op
        for at in together:
            self.claims.setdefault(at, []).append(step)
        if inputs and all(source < 0 for source, _ in inputs) and (step.kind.endswith(" constant") or op.op in _FRONT):
            self.preprocessing.append(step)
            self.ports.update(dict.fromkeys(op.outputs, inputs[0]))
            return
        self.steps.append(step)
        self.ports.update({name: (index, at) for at, name in enumerate(op.outputs) if name})

    def _share(self) -> None:
        """Share the cost of what several steps stand for together, as of a packed projection, out by their widths."""
        for at, steps in self.claims.items():
            self.left.discard(at)
            widths = [step.channels or 1 for step in steps]
            for step, start, end in zip(steps, accumulate([0, *widths]), accumulate(widths), strict=False):
                whole = sum(widths)
                step.macs += self.own[at].macs * end // whole - self.own[at].macs * start // whole
                step.params += self.own[at].params * end // whole - self.own[at].params * start // whole


def _kind(op: Op, carried: int) -> str:
    if op.op in ("MatMul", "Einsum"):
        return "product" if carried > 1 else "dense"
    if op.op in ("Add", "Mul", "Sub", "Div", "Max", "Min") and carried < 2:
        return f"{op.op} constant"
    return _KINDS.get(op.op, op.op)


def channels_first(shape: Sequence[int | None]) -> tuple[int | None, ...]:
    """An image's dimensions with its channels second: an input of 224x224x3 is one of 3x224x224."""
    if len(shape) == 4 and shape[3] in (1, 3, 4) and shape[1] not in (1, 3, 4):
        return (shape[0], shape[3], shape[1], shape[2])
    return tuple(shape)


def _channels(op: Op, shape: tuple[int, ...] | None) -> tuple[int | None, tuple[int, ...]]:
    """Channels, and the other dimensions in order of size: layouts do not count."""
    if not shape:
        return None, ()
    at = len(shape) - 1 if op.op in ("Gemm", "MatMul", "LayerNormalization") or len(shape) == 3 else 1
    at = min(at, len(shape) - 1)
    others = [d for place, d in enumerate(shape) if place != at]
    return shape[at], tuple(d for d in others if d != 1)


# ---------------------------------------------------------------- attributes


def _stated(op: Op, draft: Draft) -> dict[str, Any]:
    """An operator's attributes with ONNX's defaults filled in (https://onnx.ai/onnx/operators/)."""
    stated = {name: _rounded(value, 7) for name, value in op.attributes.items() if not hasattr(value, "nodes")}
    kind = _KINDS.get(op.op)
    if kind == "convolution":
        weight = next((draft.constants[n].shape for n in op.inputs[1:] if n in draft.constants), ())
        rank = len(weight) - 2 if weight else len(stated.get("kernel_shape", (0, 0)))
        stated["kernel_shape"] = tuple(weight[2:]) if len(weight) > 2 else stated.get("kernel_shape", ())
        _windowed(stated, rank)
        stated["group"] = stated.get("group", 1)
    elif op.op in ("MaxPool", "AveragePool", "LpPool"):
        _windowed(stated, len(stated.get("kernel_shape", ())))
        stated["ceil_mode"] = stated.get("ceil_mode", 0)
        if op.op == "AveragePool":
            stated["count_include_pad"] = stated.get("count_include_pad", 0)
        for unimportant in ("storage_order",):
            stated.pop(unimportant, None)
    elif op.op in ("BatchNormalization", "LayerNormalization", "InstanceNormalization", "GroupNormalization"):
        stated = {"epsilon": stated.get("epsilon", 1e-5)} | (
            {"num_groups": stated["num_groups"]} if "num_groups" in stated else {}
        )
    elif op.op == "LRN":
        stated = {"size": 0, "alpha": 1e-4, "beta": 0.75, "bias": 1.0} | stated
    elif op.op == "LeakyRelu":
        stated = {"alpha": 0.01} | stated
    elif op.op == "HardSigmoid":
        stated = {"alpha": 0.2, "beta": 0.5} | stated
    elif op.op in ("Concat", "Softmax", "LogSoftmax", "Split", "ArgMax"):
        stated.pop("axis", None)
    return stated


def _windowed(stated: dict[str, Any], rank: int) -> None:
    for name in ("strides", "dilations"):
        stated[name] = tuple(stated.get(name) or (1,) * rank)
    stated["pads"] = tuple(stated.get("pads") or (0,) * (2 * rank))
    stated.pop("auto_pad", None)


def _compared(
    op: Op,
    stated: dict[str, Any],
    shape_in: tuple[int, ...] | None,
    shape_out: tuple[int, ...] | None,
    weights: tuple[tuple[int, ...], ...],
) -> dict[str, Any]:
    """What of an operator is compared: floats rounded as float32 stores them, padding as it takes effect."""
    compared = {name: _rounded(value) for name, value in stated.items()}
    kind = _KINDS.get(op.op)
    if kind == "convolution":
        compared["bias"] = len(weights) > 1
        channels = shape_in[1] if shape_in and len(shape_in) > 1 else 0
        if stated["group"] > 1 and stated["group"] == channels:
            compared["group"] = "depthwise"
    if kind == "dense":
        compared["bias"] = len(weights) > 1
    if "kernel_shape" in stated and shape_in and shape_out and len(shape_in) == len(shape_out) > 2:
        effective = _effective(stated, shape_in[2:], shape_out[2:])
        compared["pads"] = effective
        if "ceil_mode" in compared:
            rank = len(stated["kernel_shape"])
            compared["ceil_mode"] = int(any(effective[rank + i] > stated["pads"][rank + i] for i in range(rank)))
        if "count_include_pad" in compared and not any(effective):
            compared["count_include_pad"] = 0
    if op.op in ("Add", "Mul", "Sub", "Div", "Max", "Min") and weights:
        compared["operand"] = "number" if all(math.prod(shape) == 1 for shape in weights) else "weight"
    return compared


def window_sizes(stated: dict[str, Any], before: Sequence[int]) -> tuple[int, ...] | None:
    """The sizes that a window's attributes make of others, as ONNX defines them; None where it has no such window."""
    rank, kernel, pads = len(before), stated.get("kernel_shape", ()), stated.get("pads", ())
    if len(kernel) != rank or len(pads) != 2 * rank:
        return None
    sizes = []
    for i, size in enumerate(before):
        free = size + pads[i] + pads[rank + i] - (kernel[i] - 1) * stated["dilations"][i] - 1
        steps = -(-free // stated["strides"][i]) if stated.get("ceil_mode") else free // stated["strides"][i]
        sizes.append(max(0, steps + 1))
    return tuple(sizes)


def pads_as_on(step: Step, other: Step) -> tuple[int, ...] | None:
    """The padding that a step's windows would reach on what another reads, if they made the other's size of it."""
    if other.shape_in is None or other.shape_out is None or len(other.shape_in) < 3:
        return None
    before, after = other.shape_in[2:], other.shape_out[2:]
    return _effective(step.stated, before, after) if window_sizes(step.stated, before) == after else None


def _effective(stated: dict[str, Any], before: Sequence[int], after: Sequence[int]) -> tuple[int, ...]:
    """Padding as the windows reach it: an end that no window touches is none, and ceil_mode adds to it."""
    rank = len(before)
    pads, kernel = stated["pads"], stated["kernel_shape"]
    if len(kernel) != rank or len(pads) != 2 * rank:
        return tuple(pads)
    ends = []
    for i in range(rank):
        reach = (after[i] - 1) * stated["strides"][i] + (kernel[i] - 1) * stated["dilations"][i] + 1
        needed = reach - before[i] - pads[i]
        ends.append(max(0, needed))
    return (*pads[:rank], *ends)


def _rounded(value: Any, digits: int = 5) -> Any:
    """Floats as they were meant: float32 keeps seven digits, and exporters lose some of them."""
    if isinstance(value, float):
        return float(f"{value:.{digits}g}")
    if isinstance(value, list | tuple):
        return tuple(_rounded(part, digits) for part in value)
    return value
