"""What a cell says of an operator: a few words, of which those that differ are marked, and all that is known of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from typing import Any, NamedTuple

from zoodiff.comparison.facing import Item
from zoodiff.reducing.net import Input


class Part(NamedTuple):
    """A piece of a cell's text."""

    text: str
    differs: bool


class Cell(NamedTuple):
    """What one network has in a row."""

    parts: tuple[Part, ...]
    shape: str
    """what it makes of one image, as 64x112x112; `?` where it is not known, empty where the text says it"""
    facts: tuple[tuple[str, str], ...]
    """all that is known of it, each with what it is called"""

    @property
    def text(self) -> str:
        """The cell in a few words, as "Conv 3x3, 64, /2"."""
        first, *others = [part.text for part in self.parts]
        return f"{first} {', '.join(others)}".rstrip()


def made(item: Item) -> tuple[Any, ...]:
    """The size of the tensor that an operator makes or an input is."""
    return item.shape if isinstance(item, Input) else (item.channels, item.size)


def _dims(shape: Iterable[int | None] | None) -> str:
    return "?" if shape is None else "x".join("?" if d is None else str(d) for d in shape)


def parts_of(item: Item | None, names: list[str]) -> dict[str, str]:
    """The pieces of a cell's text, by the attribute that each one tells; `names` are told in any case."""
    if item is None:
        return {}
    if isinstance(item, Input):
        return {"op": "Input", "input_shape": _dims(item.stated)}
    stated, known = item.stated, {**item.attributes, **item.stated}
    parts = {"op": item.op}
    if stated.get("kernel_shape"):
        parts["kernel_shape"] = _dims(stated["kernel_shape"])
    for name in names:
        if name in known and name not in ("kernel_shape", "out_channels", "strides", "dilations", "group"):
            parts[name] = f"{name} {_text(known[name])}"
    if item.weighted and item.channels is not None:
        parts["out_channels"] = str(item.channels)
    for name, sign in (("strides", "/"), ("dilations", "dilated ")):
        values = stated.get(name, ())
        if name in names or any(value != 1 for value in values):
            parts[name] = sign + (str(values[0]) if len({*values}) == 1 else _dims(values))
    if item.depthwise:
        parts["group"] = "depthwise"
    elif stated.get("group", 1) != 1 or "group" in names:
        parts["group"] = f"{stated.get('group', 1)} groups"
    return parts


def _text(value: Any) -> str:
    return _dims(value) if isinstance(value, tuple) else str(value)


def cell_of(item: Item, parts: dict[str, str], shared: Set[tuple[str, str]]) -> Cell:
    """The cell of an operator; what of its pieces is not `shared` differs."""
    shape = "" if isinstance(item, Input) else _dims(item.shape_out and item.shape_out[1:])
    return Cell(tuple(Part(text, (name, text) not in shared) for name, text in parts.items()), shape, (*_facts(item),))


def _facts(item: Item) -> Iterator[tuple[str, str]]:
    if isinstance(item, Input):
        yield from (("input", item.name), ("shape", _dims(item.stated)))
        return
    yield "operator", item.op
    for name, value in {**item.attributes, **item.stated}.items():
        yield name, _text(value)
    if item.weights:
        yield "weights", ", ".join(_dims(shape) or "one number" for shape in item.weights)
    yield "reads", _dims(item.shape_in)
    yield "makes", _dims(item.shape_out)
    if item.macs:
        yield "MACs", f"{item.macs:,}"
    if item.params:
        yield "parameters", f"{item.params:,}"
    yield "tensor", item.name
