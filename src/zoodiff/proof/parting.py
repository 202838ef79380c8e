"""Run two normal forms with one set of weights: how far their outputs are apart, or at which step they part."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
import numpy as np

from zoodiff.alignment.align import Pairing
from zoodiff.fault import Refusal
from zoodiff.proof.agreement import (
    NUDGE,
    SEED,
    SIZES,
    Agreement,
    Array,
    Untelling,
    check_finite,
    check_telling,
    distance,
    noise,
    nudged_inputs,
    tolerance,
)
from zoodiff.proof.execute import execute
from zoodiff.record import Graph, Value
from zoodiff.reducing import emit
from zoodiff.reducing.net import Net, Step, channels_first

if TYPE_CHECKING:
    import onnx

Port = tuple[int, int]
"""a step, and which of its outputs"""

_CHUNK: Final = 64
"""Steps whose outputs are kept at once."""


class Parting(msgspec.Struct, frozen=True):
    """The first pair of steps whose outputs differ, while those of all pairs before them agree."""

    left: str
    right: str
    error: float | None
    """as a part of the largest output; None where the outputs have other sizes"""
    tolerance: float
    """how large rounding may make it there"""
    told: bool
    """whether `diff` names a difference there"""


class Subject(NamedTuple):
    """A network to be run: its file without weights, and what was read of it."""

    skeleton: onnx.ModelProto
    graph: Graph
    net: Net


class Together:
    """Two normal forms with one set of weights, from behind their preprocessing to before their heads."""

    def __init__(self, left: Subject, right: Subject, pairing: Pairing, gain: float, scale: float) -> None:
        self.nets, self.pairing = (left.net, right.net), pairing
        self.values = _shared(left, right, pairing, gain)
        self.entries = [_entries(net) for net in self.nets]
        self.feeds = self._inputs(scale)

    def compared(self, told: Collection[str]) -> Agreement | Parting:
        """How far the outputs are apart, or where the two part."""
        pairs = [((a, k), (self.pairing.left[a], k)) for a, k in self.nets[0].outputs if a >= 0]
        if not pairs or sorted(port for _, port in pairs) != sorted(self.nets[1].outputs):
            return self._parting(told)
        left, right = self._run(pairs)
        check_finite(left)
        moved = max(map(_widest, (left, right), self._run(pairs, NUDGE)))
        found = Agreement(_widest(left, right), tolerance(moved))
        if not found.holds:
            return self._parting(told)
        check_telling(left, found.tolerance)
        return found

    def _parting(self, told: Collection[str]) -> Parting:
        """The first pair of steps that part. Raises Untelling where that is by rounding beside an edge."""
        pairs = list(self.pairing.pairs())
        for start in range(0, len(pairs), _CHUNK):
            chunk = pairs[start : start + _CHUNK]
            for pair, found in zip(chunk, self._agreements(chunk, NUDGE), strict=True):
                if not found.holds:
                    [opposite] = self._agreements([pair], -NUDGE)
                    if opposite.holds:
                        raise Untelling("undecided: with random weights rounding takes a step across an edge")
                    return self._at(*pair, found, told)
        raise Refusal("all paired steps agree, but the outputs are not those of paired steps")

    def _agreements(self, pairs: Sequence[tuple[int, int]], part: float) -> Iterator[Agreement]:
        """How far the first outputs of each of some pairs of steps are apart, beside what one nudge explains."""
        ports = [((a, 0), (b, 0)) for a, b in pairs]
        (left, right), (nudged_left, nudged_right) = self._run(ports), self._run(ports, part)
        for place in range(len(pairs)):
            error, *moved = (
                max(_loosely(one[place], other[place]) for one, other in zip(before, after, strict=True))
                for before, after in ((left, right), (left, nudged_left), (right, nudged_right))
            )
            yield Agreement(error, tolerance(max(moved)))

    def _at(self, a: int, b: int, found: Agreement, told: Collection[str]) -> Parting:
        left, right = (net.steps[at] for net, at in zip(self.nets, (a, b), strict=True))
        near = {left.name, right.name}
        for net, step, mate in zip(self.nets, (left, right), self.pairing, strict=True):
            near.update(net.steps[source].name for source, _ in step.inputs if source >= 0 and mate[source] < 0)
        error = found.error if math.isfinite(found.error) else None
        return Parting(left.name, right.name, error, found.tolerance, not near.isdisjoint(told))

    def _run(self, pairs: Sequence[tuple[Port, Port]], part: float = 0.0) -> list[list[list[Array]]]:
        """These tensors of the left network and of the right one for each input, all nudged by a part or none."""
        found = []
        for side, (net, values, feeds) in enumerate(zip(self.nets, self.values, self.feeds, strict=True)):
            names = [_tensor(net, pair[side]) for pair in pairs]
            inputs = [Value(name, net.draft.dtype(name), feeds[0][name].shape) for name in self.entries[side]]
            if not part:
                found.append(execute(emit.model(net.draft, values, inputs, names), feeds))
                continue
            nudged = emit.model(net.draft, values.nudged(part), inputs, names)
            found.append(execute(nudged, [nudged_inputs(one, part) for one in feeds]))
        return found

    def _inputs(self, scale: float) -> list[list[dict[str, Array]]]:
        """The same random inputs for both, each in its own layout, by the names of what its first steps read."""
        shapes: dict[int, tuple[int, ...]] = {}
        for net, entries in zip(self.nets, self.entries, strict=True):
            for name, number in entries.items():
                shape = tuple(d or 1 for d in channels_first(net.draft.shape(name) or ()))
                if shapes.setdefault(number, shape) != shape:
                    raise Refusal("the inputs have other sizes, and neither network takes the other's")
        return [
            [
                {
                    name: _fed(net, name, shapes[number], scale * size, [SEED, seed, number])
                    for name, number in entries.items()
                }
                for seed, size in enumerate(SIZES)
            ]
            for net, entries in zip(self.nets, self.entries, strict=True)
        ]


def _fed(net: Net, name: str, shape: tuple[int, ...], scale: float, seed: list[int]) -> Array:
    """A random input in the layout that a network reads it in; `shape` has an image's channels first."""
    array = noise(shape, net.draft.dtype(name) or "float32", scale, np.random.default_rng(seed))
    own = net.draft.shape(name) or ()
    return array if channels_first(own) == tuple(own) else np.ascontiguousarray(array.transpose(0, 2, 3, 1))


def _widest(one: list[list[Array]], other: list[list[Array]]) -> float:
    """The largest error of some outputs, for any input."""
    flat = [[np.squeeze(array) for results in side for array in results] for side in (one, other)]
    return max(map(distance, *flat))


def _loosely(one: Array, other: Array) -> float:
    """The error of two tensors inside the networks, whose axes may lie in another order."""
    one, other = np.squeeze(one), np.squeeze(other)
    if one.shape != other.shape and sorted(one.shape) == sorted(other.shape):
        one, other = np.sort(one, axis=None), np.sort(other, axis=None)
    return distance(one, other)


def _tensor(net: Net, port: Port) -> str:
    return net.ops[net.steps[port[0]]].outputs[port[1]]


def _entries(net: Net) -> dict[str, int]:
    """The tensors with which the network between preprocessing and head begins, and which input each is of."""
    prepared = {name for step in net.preprocessing for name in net.ops[step].outputs}
    found: dict[str, int] = {}
    for step in net.steps:
        carried = [name for name in net.ops[step].inputs if name and name not in net.draft.constants]
        for name, (source, _) in zip(carried, step.inputs, strict=True):
            if source < 0:
                while name not in prepared and (maker := net.draft.maker(name)) is not None:
                    name = maker.inputs[0]
                found[name] = -1 - source
    return found


def _shared(left: Subject, right: Subject, pairing: Pairing, gain: float) -> list[emit.Weights]:
    """Random values for the constants of either normal form, the same for those of a pair of steps."""
    random = np.random.default_rng(SEED)
    mine: dict[str, Array] = {}
    theirs: dict[str, Array] = {}
    for a, b in pairing.pairs():
        ours, others = _weights(left.net, left.net.steps[a]), _weights(right.net, right.net.steps[b])
        for (name, shift), (twin, _) in zip_longest(ours, others, fillvalue=("", True)):
            if not (name and twin):
                _without(left, name, mine, shift)
                _without(right, twin, theirs, shift)
                continue
            one, other = left.net.draft.constants[name], right.net.draft.constants[twin]
            if [d for d in one.shape if d != 1] == [d for d in other.shape if d != 1]:
                value = mine.get(name, theirs.get(twin))
                value = emit.random_value(one, random, shift, gain) if value is None else value
                mine[name], theirs[twin] = value.reshape(one.shape), value.reshape(other.shape)
    return [emit.Weights(side.graph, SEED, gain, values) for side, values in ((left, mine), (right, theirs))]


def _without(side: Subject, name: str, values: dict[str, Array], shift: bool) -> None:
    """Let a bias that only one of two paired steps has add nothing."""
    if name and shift:
        constant = side.net.draft.constants[name]
        values[name] = np.zeros(constant.shape, constant.dtype)


def _weights(net: Net, step: Step) -> Iterator[tuple[str, bool]]:
    """The constants of a step that training makes, and whether they are added to something.

    Not the single numbers of arithmetic, nor indices.
    """
    op, learns = net.ops[step], step.kind in ("convolution", "dense", "normalization")
    for at, name in enumerate(op.inputs):
        constant = net.draft.constants.get(name)
        if constant is not None and constant.dtype.startswith("float") and (learns or math.prod(constant.shape) > 1):
            yield name, emit.shifts(op.op, at)
