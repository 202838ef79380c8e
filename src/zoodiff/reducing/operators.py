"""Tell what of an operator is compared: its kind, and its attributes with defaults filled in as they take effect."""

from __future__ import annotations

import math
from typing import Any, Final

from zoodiff.reducing.draft import Draft, Op
from zoodiff.reducing.window import pads_reached

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


def kind_of(op: Op, carried: int) -> str:
    """What an operator is that reads so many tensors besides constants."""
    if op.op in ("MatMul", "Einsum"):
        return "product" if carried > 1 else "dense"
    if op.op in ("Add", "Mul", "Sub", "Div", "Max", "Min") and carried < 2:
        return f"{op.op} constant"
    return _KINDS.get(op.op, op.op)


def as_stated(op: Op, draft: Draft) -> dict[str, Any]:
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


def as_compared(
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
        effective = pads_reached(stated, shape_in[2:], shape_out[2:])
        compared["pads"] = effective
        if "ceil_mode" in compared:
            rank = len(stated["kernel_shape"])
            compared["ceil_mode"] = int(any(effective[rank + i] > stated["pads"][rank + i] for i in range(rank)))
        if "count_include_pad" in compared and not any(effective):
            compared["count_include_pad"] = 0
    if op.op in ("Add", "Mul", "Sub", "Div", "Max", "Min") and weights:
        compared["operand"] = "number" if all(math.prod(shape) == 1 for shape in weights) else "weight"
    return compared


def _rounded(value: Any, digits: int = 5) -> Any:
    """Floats as they were meant: float32 keeps seven digits, and exporters lose some of them."""
    if isinstance(value, float):
        return float(f"{value:.{digits}g}")
    if isinstance(value, list | tuple):
        return tuple(_rounded(part, digits) for part in value)
    return value
