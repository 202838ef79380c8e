"""Gives every window its own pads: automatic ones are counted out, and a Pad before it goes in where that is equal."""

from __future__ import annotations

from typing import Any

from zoodiff.reducing.draft import Draft, Op

AFTER: tuple[str, ...] = (
    "activation",
    "concatenation",
    "defaults",
    "fold",
    "identity",
    "layout",
    "operands",
    "pooling",
)

_POSITIVE = ("Abs", "Exp", "HardSigmoid", "Relu", "Sigmoid", "Softmax", "Softplus")
_KEEPING = (
    "Add Concat AveragePool ChannelShuffle GlobalAveragePool GlobalMaxPool Identity Max MaxPool Mul ReduceMax "
    "ReduceMean Reshape Slice Split Sum Transpose"
).split()
"""Operators that make nothing negative of what is not."""
_DEPTH = 40
_LOWEST = -3.4e38


def run(draft: Draft) -> None:
    """Rewrite convolutions and poolings with the pads that they work with."""
    for op in draft.ops:
        if op.domain or op not in draft or op.op not in ("Conv", "MaxPool", "AveragePool"):
            continue
        _explicit(draft, op)
        _absorb(draft, op)


def _explicit(draft: Draft, op: Op) -> None:
    """SAME padding at this input size (https://onnx.ai/onnx/operators/onnx__Conv.html, `auto_pad`)."""
    auto, shape, said = op.attributes.get("auto_pad"), draft.whole(op.inputs[0]), op.attributes
    if auto not in ("SAME_UPPER", "SAME_LOWER") or shape is None or "kernel_shape" not in said:
        return
    begins, ends = [], []
    for size, kernel, stride, dilation in zip(
        shape[2:], said["kernel_shape"], said["strides"], said["dilations"], strict=True
    ):
        total = max((-(-size // stride) - 1) * stride + (kernel - 1) * dilation + 1 - size, 0)
        small, large = total // 2, total - total // 2
        begins.append(large if auto == "SAME_LOWER" else small)
        ends.append(small if auto == "SAME_LOWER" else large)
    plain = {name: value for name, value in said.items() if name != "auto_pad"}
    draft.rewrite(op, op.op, op.inputs, {**plain, "pads": (*begins, *ends)})


def _absorb(draft: Draft, op: Op) -> None:
    pad, said = draft.maker(op.inputs[0]), op.attributes
    added = _spatial(draft, pad) if pad is not None and "pads" in said else None
    if pad is None or added is None:
        return
    value = pad.attributes.get("value", 0.0)
    pads = tuple(one + other for one, other in zip(said["pads"], added, strict=True))
    attributes = {**said, "pads": pads}
    if op.op == "Conv":
        equal = value == 0
    else:
        inside = all(at < kernel for at, kernel in zip(pads, said["kernel_shape"] * 2, strict=True))
        equal = inside and _starts_inside(draft, op, pad, pads) and _same_pool(draft, op, pad.inputs[0], value)
    if op.op == "AveragePool":
        attributes["count_include_pad"] = 1
    if equal:
        draft.rewrite(op, op.op, [pad.inputs[0], *op.inputs[1:]], attributes, absorbed=[pad])


def _starts_inside(draft: Draft, op: Op, pad: Op, pads: tuple[int, ...]) -> bool:
    """Whether rounding up leaves no window that starts behind the image: such a one is dropped, a Pad's is not."""
    before, after = draft.whole(pad.inputs[0]), draft.whole(op.outputs[0])
    if not op.attributes.get("ceil_mode"):
        return True
    if before is None or after is None:
        return False
    last = [(size - 1) * stride for size, stride in zip(after[2:], op.attributes["strides"], strict=True)]
    return all(start < size + begin for start, size, begin in zip(last, before[2:], pads, strict=False))


def _same_pool(draft: Draft, op: Op, source: str, value: Any) -> bool:
    """Whether a pooling sees its own padding as it saw the Pad's: MaxPool pads with the lowest number there is."""
    if op.op == "MaxPool":
        return bool(value <= _LOWEST or (value == 0 and never_negative(draft, source)))
    return bool(value == 0 and (op.attributes.get("count_include_pad") or not any(op.attributes["pads"])))


def _spatial(draft: Draft, pad: Op) -> tuple[int, ...] | None:
    """What a Pad adds to the spatial axes, begins first; None where it does anything else."""
    said, shape = pad.attributes, draft.shape(pad.inputs[0])
    if pad.op != "Pad" or pad.domain or len(pad.inputs) > 1 or said.get("mode", "constant") != "constant":
        return None
    if shape is None or not isinstance(said.get("pads"), tuple):
        return None
    rank, axes = len(shape), said.get("axes", range(len(shape)))
    whole = [0] * 2 * rank
    for at, axis in enumerate(axes):
        whole[axis % rank], whole[axis % rank + rank] = said["pads"][at], said["pads"][at + len(axes)]
    if min(whole) < 0 or whole[0] or whole[1] or whole[rank] or whole[rank + 1]:
        return None
    return (*whole[2:rank], *whole[rank + 2 :])


def never_negative(draft: Draft, name: str, depth: int = _DEPTH) -> bool:
    """Whether a tensor has no element below 0, whatever goes in; False where that does not follow from operators."""
    maker = draft.maker(name)
    if maker is None or maker.domain or not depth:
        return False
    if maker.op in _POSITIVE or (maker.op == "Clip" and maker.attributes.get("min", -1) >= 0):
        return True
    if maker.op == "Pad" and maker.attributes.get("value", 0.0) < 0:
        return False
    if maker.op == "Max":
        return any(never_negative(draft, given, depth - 1) for given in maker.inputs)
    return maker.op in (*_KEEPING, "Pad") and all(never_negative(draft, given, depth - 1) for given in maker.inputs)
