"""A graph that passes can rewrite, and that remembers which of the file's operators each part stands for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from typing import Any, cast

import numpy as np

from zoodiff.record import Constant, Graph, Node, Shape, Value


@dataclass(slots=True, eq=False)
class Op:
    """One operator of a draft; what it stands for in the file is its `name` and `origin`."""

    op: str
    inputs: list[str]
    outputs: list[str]
    attributes: dict[str, Any] = field(default_factory=dict)
    domain: str = ""
    scope: str = ""
    name: str = ""
    """first output, in the file, of the operator that it stands for first of all"""
    origin: list[int] = field(default_factory=list)
    """positions in the file of all the operators that it stands for"""


Derivation = tuple[str, tuple[str, ...], tuple[tuple[str, Any], ...]]
"""How a constant was made from others: operator, operands, attributes."""


class Draft:
    """A graph under rewriting. Passes change it by the methods below only, which keep its books in order."""

    def __init__(self, graph: Graph) -> None:
        self.inputs: tuple[Value, ...] = graph.inputs
        self.outputs: list[str] = [value.name for value in graph.outputs]
        self.constants: dict[str, Constant] = dict(graph.constants)
        self.prologue: list[Op] = []
        """operators on constants alone, in order: they make constants of the file into those that `ops` read"""
        self.values: dict[str, Value] = dict(graph.values)
        self.opset = graph.opset
        self.shared: set[int] = set()
        """positions in the file of operators that several of `ops` stand for together, each for its part"""
        self.changes = 0
        """how often operators were changed: where it is what it was, they are as they were"""
        self._ordered_at = -1
        self._made_of: dict[str, list[int]] = {}
        self._derived: dict[Derivation, str] = {}
        self._derivation: dict[str, Derivation] = {}
        self._ops: dict[Op, None] = {}
        self._maker: dict[str, Op] = {}
        self._readers: dict[str, dict[Op, None]] = {}
        self._fresh = 0
        for position, node in enumerate(graph.nodes):
            self._add(_op(node, position))

    # ------------------------------------------------------------ looking

    @property
    def ops(self) -> list[Op]:
        """All operators as they stand now; a pass may change the draft while it walks this list."""
        return list(self._ops)

    def __contains__(self, op: Op) -> bool:
        return op in self._ops

    def shape(self, name: str) -> Shape | None:
        """The shape of any tensor; None where it is not known."""
        if name in self.constants:
            return self.constants[name].shape
        value = self.values.get(name)
        return value.shape if value else None

    def whole(self, name: str) -> tuple[int, ...] | None:
        """The shape of any tensor with all its dimensions; None unless all are known."""
        shape = self.shape(name)
        return None if shape is None or None in shape else cast("tuple[int, ...]", shape)

    def dtype(self, name: str) -> str:
        """The element type of any tensor; empty where it is not known."""
        if name in self.constants:
            return self.constants[name].dtype
        value = self.values.get(name)
        return value.dtype if value else ""

    def data(self, name: str) -> np.ndarray[Any, Any] | None:
        """The values of a small constant; None where it has none in the file, or is no constant."""
        constant = self.constants.get(name)
        return constant.data if constant is not None else None

    def number(self, name: str) -> float | None:
        """The value of a constant that is a single number, whatever its rank; None where it is not."""
        data = self.data(name)
        return float(data.reshape(-1)[0]) if data is not None and data.size == 1 and data.dtype.kind in "fiub" else None

    def maker(self, name: str) -> Op | None:
        """The operator whose output this is; None for inputs and constants."""
        return self._maker.get(name)

    def readers(self, name: str) -> list[Op]:
        """The operators that read a tensor."""
        return list(self._readers.get(name, ()))

    def only_reader(self, name: str) -> Op | None:
        """The one operator that reads a tensor; None where there are several, or where it is a graph's output."""
        readers = self._readers.get(name, {})
        return next(iter(readers)) if len(readers) == 1 and name not in self.outputs else None

    # ------------------------------------------------------------ changing

    def remove(self, op: Op) -> None:
        """Take an operator out whose outputs nobody reads any more; what it stood for is forgotten."""
        self.changes += 1
        del self._ops[op]
        for name in op.outputs:
            if self._maker.get(name) is op:
                del self._maker[name]
        for name in op.inputs:
            self._readers.get(name, {}).pop(op, None)

    def rewrite(
        self,
        op: Op,
        kind: str,
        inputs: Sequence[str],
        attributes: dict[str, Any] | None = None,
        absorbed: Iterable[Op] = (),
    ) -> None:
        """Make an operator another one with the same output; those that it absorbs go, if nobody else reads them.

        What goes is from now on stood for by `op`.
        """
        self.changes += 1
        for name in op.inputs:
            self._readers.get(name, {}).pop(op, None)
        op.op, op.inputs, op.domain = kind, list(inputs), ""
        op.attributes = dict(attributes or {})
        for name in op.inputs:
            self._readers.setdefault(name, {})[op] = None
        for other in reversed(list(absorbed)):
            if other in self._ops and not any(self._read(name) for name in other.outputs):
                op.origin = other.origin + op.origin
                self.remove(other)

    def bypass(self, op: Op, source: str | None = None) -> None:
        """Let all who read an operator's output read its (first) input instead, and take it out."""
        source = op.inputs[0] if source is None else source
        for reader in self.readers(op.outputs[0]):
            self._rename_input(reader, op.outputs[0], source)
        self.outputs = [source if name == op.outputs[0] else name for name in self.outputs]
        heir = self.maker(source) or next(iter(self.readers(source)), None)
        if heir is not None and heir is not op:
            heir.origin = heir.origin + op.origin
        self.remove(op)

    def apart(self, op: Op) -> list[Op]:
        """Let each output of an operator be the only one of an operator of its own, all with the same operands."""
        first, *rest = op.outputs
        op.outputs = [first]
        return [op, *(self._add(Op(op.op, list(op.inputs), [name], dict(op.attributes), name=name)) for name in rest)]

    def share(self, op: Op, parts: Iterable[Op]) -> None:
        """Let several operators that are about to replace another stand for it together."""
        self.shared.update(self.stands_for(op))
        for part in parts:
            part.scope, part.origin = op.scope, op.origin + part.origin

    def append(self, after: Op, kind: str, attributes: dict[str, Any], inner: Shape | None, at: int = 0) -> Op:
        """Put a new operator on one of an operator's outputs: that output is now the new operator's.

        `inner` is the shape of what `after` makes from now on; the output itself keeps its shape.
        """
        output = after.outputs[at]
        made = self._new_value(output, inner)
        after.outputs[at] = made
        self._maker[made] = after
        return self._add(Op(kind, [made], [output], attributes, name=after.name))

    def insert(self, op: Op, position: int, kind: str, attributes: dict[str, Any], shape: Shape | None) -> Op:
        """Put a new operator before one of an operator's inputs."""
        source = op.inputs[position]
        made = self._new_value(source, shape)
        new = self._add(Op(kind, [source], [made], attributes, name=op.name))
        self._readers.get(source, {}).pop(op, None)
        op.inputs[position] = made
        for name in op.inputs:
            self._readers.setdefault(name, {})[op] = None
        return new

    def reshaped(self, name: str, shape: tuple[int, ...]) -> str:
        """A constant in another shape with the same elements."""
        if self.constants[name].shape == shape:
            return name
        source = self._derivation.get(name)
        if source is not None and source[0] == "Reshape":
            return self.reshaped(source[1][0], shape)
        return self.derived("Reshape", [name], {"shape": shape}, shape)

    def transposed(self, name: str, perm: tuple[int, ...]) -> str:
        """A constant with its axes permuted."""
        shape = self.constants[name].shape
        moved = tuple(shape[axis] for axis in perm)
        wide = [axis for axis in perm if shape[axis] != 1]
        if wide == sorted(wide):
            return self.reshaped(name, moved)
        source = self._derivation.get(name)
        if source is not None and source[0] == "Transpose":
            inner = dict(source[2])["perm"]
            return self.transposed(source[1][0], tuple(inner[axis] for axis in perm))
        return self.derived("Transpose", [name], {"perm": perm}, moved)

    def derived(self, kind: str, names: Sequence[str], attributes: dict[str, Any], shape: tuple[int, ...]) -> str:
        """A constant computed from others by one operator; asked for twice, it is made once."""
        key = (kind, tuple(names), tuple(sorted(attributes.items())))
        if key in self._derived:
            return self._derived[key]
        made = self._derived[key] = self._new_name(names[0])
        self._derivation[made] = key
        dtype = self.constants[names[0]].dtype
        self.prologue.append(Op(kind, list(names), [made], attributes, name=made))
        data = self.constants[names[0]].data
        if data is not None and kind in ("Reshape", "Transpose"):
            data = data.reshape(shape) if kind == "Reshape" else data.transpose(attributes["perm"])
        else:
            data = None
        self.constants[made] = Constant(made, dtype, shape, data)
        self._made_of[made] = [at for name in names for at in self._made_of.get(name, ())]
        return made

    def fold(self, op: Op, results: Sequence[np.ndarray[Any, Any] | None]) -> None:
        """Turn an operator on constants into constants: with data where `results` has them, else by shape alone."""
        stands_for = op.origin + [at for name in op.inputs for at in self._made_of.get(name, ())]
        for name, data in zip(op.outputs, results, strict=True):
            value = self.values.pop(name, None)
            if data is not None:
                self.constants[name] = Constant(name, str(data.dtype), data.shape, data)
            else:
                assert value is not None
                assert value.shape is not None
                shape = tuple(d or 0 for d in value.shape)
                self.constants[name] = Constant(name, value.dtype, shape)
            self._made_of[name] = stands_for
        self.remove(op)
        if any(data is None for data in results):
            self.prologue.append(op)

    def new_constant(self, near: str, data: np.ndarray[Any, Any]) -> str:
        """A constant of the draft's own."""
        name = self._new_name(near)
        self.constants[name] = Constant(name, str(data.dtype), data.shape, data)
        return name

    def visit(self, rewrites: Mapping[str, Callable[[Draft, Op], None]]) -> None:
        """Give each of ONNX's own operators, in an order in which they can run, to its type's rewrite."""
        self.sort()
        for op in self.ops:
            if op in self and not op.domain and op.op in rewrites:
                rewrites[op.op](self, op)

    def sort(self) -> None:
        """Put the operators in an order in which they can run, the file's where it allows."""
        if self._ordered_at == self.changes:
            return
        if not self._in_order():
            self._reorder()
        self._ordered_at = self.changes

    def _reorder(self) -> None:
        position = {op: at for at, op in enumerate(self._ops)}
        ops = list(self._ops)
        waiting = [len({self._maker[n] for n in op.inputs if n in self._maker}) for op in ops]
        ready = [at for at, count in enumerate(waiting) if not count]
        heapify(ready)
        order: dict[Op, None] = {}
        while ready:
            op = ops[heappop(ready)]
            order[op] = None
            for reader in {reader: None for name in op.outputs for reader in self._readers.get(name, ())}:
                at = position[reader]
                waiting[at] -= 1
                if not waiting[at]:
                    heappush(ready, at)
        self._ops = order

    def _in_order(self) -> bool:
        """Whether each operator stands after those that it reads."""
        to_come = set(self._maker)
        for op in self._ops:
            if not to_come.isdisjoint(op.inputs):
                return False
            to_come.difference_update(op.outputs)
        return True

    def sweep(self) -> None:
        """Take out what leads to no output."""
        needed = set(self.outputs)
        for op in reversed(self._ordered()):
            if needed.isdisjoint(op.outputs):
                self.remove(op)
            else:
                needed.update(op.inputs)

    def stands_for(self, op: Op) -> list[int]:
        """Positions in the file of all that an operator stands for, what made its constants included."""
        return op.origin + [at for name in op.inputs for at in self._made_of.get(name, ())]

    # ------------------------------------------------------------ books

    def _ordered(self) -> list[Op]:
        self.sort()
        return self.ops

    def _read(self, name: str) -> bool:
        return bool(self._readers.get(name)) or name in self.outputs

    def _add(self, op: Op) -> Op:
        self.changes += 1
        self._ops[op] = None
        for name in op.outputs:
            if name:
                self._maker[name] = op
        for name in op.inputs:
            if name:
                self._readers.setdefault(name, {})[op] = None
        return op

    def _rename_input(self, reader: Op, old: str, new: str) -> None:
        self.changes += 1
        reader.inputs = [new if name == old else name for name in reader.inputs]
        self._readers.get(old, {}).pop(reader, None)
        self._readers.setdefault(new, {})[reader] = None

    def _new_name(self, near: str) -> str:
        self._fresh += 1
        return f"{near}~{self._fresh}"

    def _new_value(self, like: str, shape: Shape | None) -> str:
        name = self._new_name(like)
        dtype = self.constants[like].dtype if like in self.constants else ""
        dtype = self.values[like].dtype if like in self.values else dtype
        self.values[name] = Value(name, dtype, shape)
        return name

    def __iter__(self) -> Iterator[Op]:
        return iter(self.ops)


def _op(node: Node, position: int) -> Op:
    name = next((output for output in node.outputs if output), "")
    return Op(
        node.op, list(node.inputs), list(node.outputs), dict(node.attributes), node.domain, node.scope, name, [position]
    )
