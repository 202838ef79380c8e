"""Says what operators leave to defaults, in the words of one opset, so that equal operators look equal."""

from __future__ import annotations

from typing import Any

from zoodiff.passes._elementwise import rounded
from zoodiff.reducing.draft import Draft, Op

AFTER: tuple[str, ...] = ("fold", "operands")

_POOLS = ("AveragePool", "LpPool", "MaxPool")
_GLOBAL_DEFAULTS: dict[str, dict[str, Any]] = {
    "BatchNormalization": {"epsilon": 1e-5},
    "Elu": {"alpha": 1.0},
    "Gelu": {"approximate": "none"},
    "HardSigmoid": {"alpha": 0.2, "beta": 0.5},
    "InstanceNormalization": {"epsilon": 1e-5},
    "LRN": {"alpha": 1e-4, "beta": 0.75, "bias": 1.0},
    "LayerNormalization": {"axis": -1, "epsilon": 1e-5},
    "LeakyRelu": {"alpha": 0.01},
}
"""Operators whose attributes need no shape; what is not here says nothing of what is computed, or has no default."""

_SILENT = {
    "BatchNormalization": ("momentum", "spatial", "is_test", "consumed_inputs", "training_mode"),
    "LayerNormalization": ("stash_type",),
    "MaxPool": ("storage_order",),
    "Dropout": ("seed", "is_test"),
    "Reshape": ("allowzero",),
}
"""Attributes that change nothing in what inference computes."""


def run(draft: Draft) -> None:
    """Rewrite the attributes of each operator whose defaults are known."""
    for op in draft.ops:
        if op.domain:
            continue
        attributes = {name: _rounded(value) for name, value in _said(draft, op).items()}
        if attributes != op.attributes:
            draft.rewrite(op, op.op, op.inputs, attributes)


def _said(draft: Draft, op: Op) -> dict[str, Any]:
    attributes = {name: value for name, value in op.attributes.items() if name not in _SILENT.get(op.op, ())}
    if op.op == "BatchNormalization" and (op.attributes.get("training_mode") or len([o for o in op.outputs if o]) > 1):
        return op.attributes
    if op.op in ("Conv", "ConvTranspose") or op.op in _POOLS:
        return _window(draft, op, attributes)
    if op.op in ("Softmax", "LogSoftmax", "Hardmax"):
        return _softmax(draft, op, attributes)
    if op.op in ("Concat", "Split", "Gather") and (rank := _rank(draft, op.inputs[0], op.op == "Gather")):
        return {**attributes, "axis": attributes.get("axis", 0) % rank}
    if op.op.startswith("Reduce"):
        return _reduction(draft, op, attributes)
    if op.op == "Transpose" and "perm" not in attributes and (rank := _rank(draft, op.inputs[0])):
        return {"perm": tuple(reversed(range(rank)))}
    if op.op == "LayerNormalization" and (rank := _rank(draft, op.inputs[0])):
        axis = attributes.get("axis", -1)
        return {**_GLOBAL_DEFAULTS[op.op], **attributes, "axis": -1 if axis == rank - 1 else axis}
    return {**_GLOBAL_DEFAULTS.get(op.op, {}), **attributes}


def _rounded(value: Any) -> Any:
    """A number as its author wrote it: exporters disagree in float32's last digits (1e-05 and 1.0000000657e-05)."""
    return rounded(value) if isinstance(value, float) else value


def _rank(draft: Draft, name: str, constants_too: bool = True) -> int:
    shape = draft.shape(name)
    return len(shape) if shape is not None and (constants_too or name not in draft.constants) else 0


def _window(draft: Draft, op: Op, attributes: dict[str, Any]) -> dict[str, Any]:
    kernel = attributes.get("kernel_shape")
    if kernel is None and op.op in ("Conv", "ConvTranspose"):
        kernel = (draft.whole(op.inputs[1]) or ())[2:]
    if not kernel:
        return attributes
    said: dict[str, Any] = {"kernel_shape": tuple(kernel)}
    for name in ("strides", "dilations"):
        said[name] = tuple(attributes.get(name) or (1,) * len(kernel))
    said["pads"] = tuple(attributes.get("pads") or (0,) * 2 * len(kernel))
    if op.op in ("Conv", "ConvTranspose"):
        said["group"] = attributes.get("group", 1)
    else:
        said["ceil_mode"] = attributes.get("ceil_mode", 0)
    if op.op == "AveragePool":
        said["count_include_pad"] = attributes.get("count_include_pad", 0) if any(said["pads"]) else 0
    extra = {name: value for name, value in attributes.items() if name not in said and name != "auto_pad"}
    auto = attributes.get("auto_pad", "NOTSET")
    if auto == "VALID":
        said["pads"] = (0,) * 2 * len(kernel)
    elif auto != "NOTSET":
        extra["auto_pad"] = auto
        said.pop("pads")
    return {**said, **extra}


def _softmax(draft: Draft, op: Op, attributes: dict[str, Any]) -> dict[str, Any]:
    """Before opset 13 the axes from `axis` on were taken as one; said so only where that matters."""
    shape = draft.whole(op.inputs[0])
    if shape is None:
        return attributes
    if "coerced" in attributes:
        return attributes
    old = draft.opset < 13 and op.origin
    axis = attributes.get("axis", 1 if old else -1) % len(shape)
    wide = [at for at in range(axis, len(shape)) if shape[at] != 1]
    if old and len(wide) > 1:
        return {"axis": axis, "coerced": 1}
    return {"axis": wide[0] if old and wide else axis}


def _reduction(draft: Draft, op: Op, attributes: dict[str, Any]) -> dict[str, Any]:
    rank = _rank(draft, op.inputs[0])
    if not rank or len(op.inputs) > 1:
        return attributes
    axes = attributes.get("axes")
    if not axes:
        axes = () if attributes.get("noop_with_empty_axes") else tuple(range(rank))
    axes = (axes,) if isinstance(axes, int) else axes
    return {"axes": tuple(sorted(axis % rank for axis in axes)), "keepdims": attributes.get("keepdims", 1)}
