"""Say a root cause in one sentence that a person reads."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any, Final

import msgspec


class Layer(msgspec.Struct, frozen=True):
    """What a node does, in the few numbers by which people know layers."""

    op: str
    kernel: tuple[int, ...] = ()
    strides: tuple[int, ...] = ()
    channels: int | None = None
    map: tuple[int, ...] = ()
    """the output's spatial size"""

    def __str__(self) -> str:
        """As people name it: `3x3 convolution`."""
        return " ".join(part for part in (_size(self.kernel), _OPERATORS.get(self.op, self.op)) if part)


class Side(msgspec.Struct, frozen=True):
    """What one of the two networks has at the place of a difference."""

    value: Any
    nodes: tuple[str, ...]
    """named by their first output in the file"""
    layers: tuple[Layer, ...] = ()
    """what each node does"""


_OPERATORS: Final = {
    "Conv": "convolution",
    "ConvTranspose": "transposed convolution",
    "Gemm": "dense layer",
    "MatMul": "product of matrices",
    "MaxPool": "max-pooling",
    "AveragePool": "average pooling",
    "GlobalAveragePool": "global average pooling",
    "GlobalMaxPool": "global max-pooling",
    "BatchNormalization": "batch normalization",
    "LayerNormalization": "layer normalization",
    "LRN": "local response normalization",
    "Relu": "ReLU",
    "LeakyRelu": "leaky ReLU",
    "HardSwish": "hard-swish",
    "HardSigmoid": "hard-sigmoid",
    "Swish": "SiLU",
    "Gelu": "GELU",
    "Add": "addition",
    "Mul": "multiplication",
    "Concat": "concatenation",
    "Pad": "padding",
}
_ATTRIBUTES: Final = {
    "kernel_shape": "kernel",
    "strides": "stride",
    "dilations": "dilation",
    "group": "groups",
    "pads": "padding",
    "out_channels": "width",
    "count_include_pad": "counting of padded places",
    "ceil_mode": "output size",
}
_ROUNDED: Final = {0: "rounded down", 1: "rounded up (ceil_mode)"}
_COUNTED: Final = {0: "not counted", 1: "counted"}
_SHORTCUTS: Final = {
    "Identity": "the identity",
    "Conv": "a convolution",
    "MaxPool": "max-pooling",
    "Pad": "zero-padding",
}
_THINGS: Final = {"Activation": "an activation", "Normalization": "a normalization", "Shortcut": "a shortcut"}
_ONE_SIDED: Final = {"missing": "left", "added": "right"}


def sentence(kind: str, op: str, what: str, left: Side | None, right: Side | None, count: int) -> str:
    """What differs, where, in words; `left` and `right` are the sides of the screen."""
    places = f" at {count} places" if count > 1 else ""
    if kind in _ONE_SIDED:
        return f"{_alone(op, left if kind == 'missing' else right, count)} only on the {_ONE_SIDED[kind]}"
    before: Any = left.value if left else None
    after: Any = right.value if right else None
    if kind == "input":
        return f"the input is {_size(before)} against {_size(after)}"
    if what == "preprocessing" or (op == "Softmax" and what == "layer"):
        return f"{'preprocessing in the graph' if op == 'Input' else 'head'}: {_list(before)} against {_list(after)}"
    if op == "Shortcut" and kind == "changed":
        return f"the shortcut is {_SHORTCUTS.get(before, before)} against {_SHORTCUTS.get(after, after)}{places}"
    if what == "strides" and left and right and len(left.nodes) > count:
        return f"the stride sits on {_strided(left)} against {_strided(right)}"
    if kind == "rewired":
        return _rewired(op, left, right, places)
    if op == "Block":
        return f"{_list(before)} against {_list(after)}{places}"
    if what == "constants":
        return f"{_OPERATORS.get(op, op)} with constants that only one side holds as tensors{places}"
    if what == "out_channels":
        places = f"{_ratio(before, after)}{places}"
    return f"{_subject(op, what, left, right)} {_value(what, before)} against {_value(what, after)}{places}"


def short(kind: str, op: str, what: str, left: Side | None, right: Side | None, count: int) -> str:
    """What the right one has where the left one has something else, in as few words as a name may have."""
    side = left if kind == "missing" else right
    if kind in _ONE_SIDED:
        named = {str(layer) for layer in side.layers} if side else set()
        thing = named.pop() if len(named) == 1 else _OPERATORS.get(str(side.value if side else op), op)
        thing = {"Block": f"{count} blocks" if count > 1 else "a block", "Shortcut": "a shortcut"}.get(op, thing)
        places = f" at {count} places" if count > 1 and op not in ("Block", *_THINGS) else ""
        return f"{'without' if kind == 'missing' else 'with'} {thing}{places}"
    if left is None or right is None or kind == "rewired" or op == "Block":
        return f"{_OPERATORS.get(op, op).lower()} elsewhere"
    before, after = (_value(what, side.value) for side in (left, right))
    if op == "Shortcut":
        return f"{_SHORTCUTS.get(right.value, right.value)} as shortcut"
    if what == "strides" and len(left.nodes) > count:
        return f"stride in {_strided(right)}"
    if what == "op":
        return f"{after} for {before}"
    return f"{_subject(op, what, left, right)} {after} for {before}"


def _subject(op: str, what: str, left: Side | None, right: Side | None) -> str:
    layers = {str(layer) for side in (left, right) if side for layer in side.layers}
    name = layers.pop() if len(layers) == 1 and what != "kernel_shape" else _OPERATORS.get(op, op)
    return f"{name}:" if what in ("op", "layer") else f"{name}: {_ATTRIBUTES.get(what, what)}"


def _value(what: str, value: Any) -> str:
    if what == "op":
        return _OPERATORS.get(str(value), str(value))
    if what == "pads" and isinstance(value, list | tuple) and not isinstance(value[0], list | tuple):
        return _padding(value)
    if what == "ceil_mode":
        return _ROUNDED.get(value, str(value))
    if what == "count_include_pad":
        return _COUNTED.get(value, str(value))
    if what == "bias" and isinstance(value, bool):  # of LRN it is a number
        return "with bias" if value else "without"
    if what == "out_channels" and isinstance(value, list | tuple):
        return f"{min(value)} to {max(value)}"
    if isinstance(value, list | tuple) and value and isinstance(value[0], list | tuple):
        return " or ".join(dict.fromkeys(_size(part) for part in value))
    return _size(value)


def _ratio(before: Any, after: Any) -> str:
    """By how much widths of several layers differ, where it is one factor for all."""
    if not (isinstance(before, list | tuple) and isinstance(after, list | tuple)):
        return ""
    ratios = {round(new / old, 3) for old, new in zip(before, after, strict=False) if old and new}
    return f" (x {ratios.pop():g})" if len(ratios) == 1 else ""


def _padding(value: Iterable[int]) -> str:
    """Padding at the beginning and at the end of each axis: `1`, or `0 before, 1 after`."""
    sizes = list(value)
    begin, end = sizes[: len(sizes) // 2], sizes[len(sizes) // 2 :]
    if len(set(begin)) == len(set(end)) == 1:
        return str(begin[0]) if begin == end else f"{begin[0]} before and {end[0]} after"
    return f"{_size(begin)} before and {_size(end)} after"


def _alone(op: str, side: Side | None, count: int) -> str:
    """What only one side has."""
    value = side.value if side else None
    layers = side.layers if side else ()
    if op == "Block":
        return _blocks(layers, count)
    if op in ("Input", "Softmax") and isinstance(value, list | tuple):
        return f"{'preprocessing in the graph' if op == 'Input' else 'head'} ({_list(value)})"
    places = f" at {count} places" if count > 1 else ""
    if op in _THINGS:
        return f"{_THINGS[op]} ({_OPERATORS.get(str(value), value)}){places}"
    named = {str(layer) for layer in layers}
    name = named.pop() if len(named) == 1 else _OPERATORS.get(op, op)
    return f"{name}{places}"


def _blocks(layers: tuple[Layer, ...], count: int) -> str:
    """Blocks by what learns in them: `2 blocks, each of 2 3x3 convolutions of 64 at 56x56`."""
    weighted = [layer for layer in layers if layer.op in ("Conv", "ConvTranspose", "Gemm", "MatMul")]
    each, rest = divmod(len(weighted), count)
    if not weighted or rest:
        return f"{'a block' if count == 1 else f'{count} blocks'} of {len(layers)} operators"
    inside = _layers(weighted[:each])
    return f"a block of {inside}" if count == 1 else f"{count} blocks, each of {inside}"


def _layers(layers: list[Layer]) -> str:
    """Layers in order, equal neighbours together, and the map on which they end."""
    runs = [(key, len(list(run))) for key, run in groupby(layers, lambda layer: (str(layer), layer.channels))]
    named = [
        f"{many} {name}s of {channels}" if many > 1 else f"{name} of {channels}" for (name, channels), many in runs
    ]
    short = named if len(named) <= 4 else [*named[:2], f"{len(named) - 3} more", named[-1]]
    where = f" at {_size(layers[-1].map)}" if layers[-1].map else ""
    return ", ".join(short) + where


def _strided(side: Side) -> str:
    """The layers that subsample, by kernel, with their widths: `the 1x1 convolution of 128, 256 and 512`."""
    widths: dict[str, list[str]] = {}
    for layer in side.layers:
        if any(stride > 1 for stride in layer.strides):
            rows = widths.setdefault(str(layer), [])
            rows += [str(layer.channels)] if str(layer.channels) not in rows else []
    return " and ".join(f"the {name} of {_and(rows)}" for name, rows in widths.items()) or "no layer"


def _rewired(op: str, left: Side | None, right: Side | None, places: str) -> str:
    name = _OPERATORS.get(op, op)
    if left is None or right is None or left.value != right.value:
        before, after = (_list(side.value) if side else "nothing" for side in (left, right))
        return f"{'shortcut' if op == 'Shortcut' else name} from {before} against {after}{places}"
    where = [_and([f"{layer.channels} x {_size(layer.map)}" for layer in side.layers]) for side in (left, right)]
    return f"{name} at another place{places}: it makes {where[0]} against {where[1]}"


def _list(value: Any) -> str:
    parts = [str(part) for part in value] if isinstance(value, list | tuple) else [str(value)]
    return ", ".join(parts if len(parts) <= 6 else [*parts[:5], f"{len(parts) - 5} more"]) or "nothing"


def _and(parts: list[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


def _size(value: Any) -> str:
    parts = value if isinstance(value, list | tuple) else (value,)
    return "x".join("?" if part is None else str(part) for part in parts)
