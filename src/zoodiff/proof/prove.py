"""Prove that two networks compute the same, or find the first layer at which they part, by running both.

The proof has three parts, each on random weights and inputs: either file computes what its normal form does, with the
weights carried through the passes; and the two normal forms compute the same, with one set of weights put into both by
the pairs of steps. How far outputs may lie apart follows from how much the networks magnify rounding, measured on the
same weights and inputs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import msgspec
import numpy as np

from zoodiff.alignment.align import Pairing
from zoodiff.fault import Refusal
from zoodiff.proof.execute import execute
from zoodiff.record import Graph, Unmeasured, Value
from zoodiff.reducing import emit
from zoodiff.reducing.net import Net, Step, channels_first

if TYPE_CHECKING:
    import onnx

Array = np.ndarray[Any, Any]
Port = tuple[int, int]
"""a step, and which of its outputs"""

NUDGE: Final = 1e-6
"""The part of itself by which every weight and input is changed, to see how much the outputs move.

Rounding a sum is changing its terms a little (Higham 2002, section 3.1); this is a little more."""
MARGIN: Final = 10
"""How many times as far as a nudge moves it may an output of the same network be off."""
SIZES: Final = (1.0, 10.0)
"""Of the random inputs: what has a bound, as ReLU6, reaches it with the larger one, and not always with the other."""
SEED: Final = 0
_TELLING: Final = 100
"""How many times the tolerance outputs must differ between the inputs: else they would prove nothing."""
GAIN: Final = 2.0
"""Of the weights (see `emit.random_value`), at first: signals keep their size through rectifiers."""
SCALES: Final = (1.0, 100.0)
"""Of the inputs: deep networks may forget small ones, and those that take pixels subtract their mean."""
GAINS: Final = 5
"""How many gains are tried at each scale."""
_COARSE: Final = 32
"""Pixels along a side of the patches that differ as wholes."""
_CHUNK: Final = 64
"""Steps whose outputs are kept at once."""


class Equivalence(msgspec.Struct, frozen=True):
    """Two networks compute the same."""

    max_abs_error: float
    """largest difference of an output, as a part of that output's largest magnitude; the largest of the three parts"""
    tolerance: float
    """how large rounding may make it: ten times how far outputs move where all weights and inputs change by 1e-6"""
    inputs: int
    """on how many random inputs"""


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


class Agreement(NamedTuple):
    """How far apart two runs are, and how far rounding may take them; both are parts of the largest output."""

    error: float
    tolerance: float

    @property
    def holds(self) -> bool:
        """Whether the two are the same; an error that is no number is none."""
        return self.error <= self.tolerance


class Subject(NamedTuple):
    """A network to be run: its file without weights, and what was read of it."""

    skeleton: onnx.ModelProto
    graph: Graph
    net: Net


def prove(
    left: Subject, right: Subject, pairing: Pairing, told: Collection[str] = ()
) -> Equivalence | Parting | Unmeasured:
    """Run two networks on one set of random weights and inputs.

    `told` are the names of the steps at which `diff` found a difference. What comes before the first and after the last
    operator that learns (preprocessing, a final Softmax) is part of each file's proof, not of their comparison.
    Raises Refusal where onnxruntime is absent.
    """
    try:
        found = telling(lambda gain, scale: _Common(left, right, pairing, gain, scale).compared(told))
        if isinstance(found, Parting):
            return found
        parts = {"left": preserved(left), "right": preserved(right)}
    except Refusal as refusal:
        return Unmeasured(refusal.message)
    for side, part in parts.items():
        if not part.holds:
            return Unmeasured(
                f"the {side} file and its normal form differ by {part.error:.1e}, more than the {part.tolerance:.1e} "
                "that rounding explains: a fault of zoodiff"
            )
    worst = max(found, *parts.values())
    return Equivalence(worst.error, worst.tolerance, len(SIZES))


def preserved(subject: Subject) -> Agreement:
    """How far a file's outputs are from its normal form's, on random weights carried through the passes.

    Raises Refusal where it cannot be run, and where the outputs prove nothing.
    """
    scores = _scores(subject)

    def attempt(gain: float, scale: float) -> Agreement:
        feeds = [_feeds(subject.graph.inputs, seed, scale * size) for seed, size in enumerate(SIZES)]
        values = emit.Weights(subject.graph, SEED, gain)

        def outputs(values: emit.Weights, feeds: list[dict[str, Array]]) -> list[list[Array]]:
            return execute(emit.filled(subject.skeleton, subject.graph, values, [file for file, _ in scores]), feeds)

        before = outputs(values, feeds)
        names = [*subject.net.draft.outputs, *(normal for _, normal in scores)]
        after = execute(emit.model(subject.net.draft, values, outputs=names), feeds)
        return agreement(
            before,
            after,
            lambda part: outputs(values.nudged(part), [nudged_inputs(one, part) for one in feeds]),
            len(scores),
        )

    return telling(attempt)


def agreement(
    before: list[list[Array]],
    after: list[list[Array]],
    nudged: Callable[[float], list[list[Array]]],
    scores: int = 0,
) -> Agreement:
    """How far apart the outputs of two runs are, for each input; the last are `scores` scores.

    `nudged` gives the first run's outputs where weights and inputs change by a part of themselves. What one nudge does
    not explain, the opposite one may: a gate that rounding switches stands beside its edge, and one of the two nudges
    takes it across. Raises Untelling where the outputs prove nothing: not finite, moved too little by the input or too
    much by nudges.
    """
    _check_finite(before)
    found = Agreement(farthest(before, after, bool(scores)), 0.0)
    for part in (NUDGE, -NUDGE):
        moved = farthest(before, nudged(part), bool(scores))
        found = Agreement(found.error, max(found.tolerance, tolerance(moved)))
        _check_telling([one[-scores:] for one in before], found.tolerance)  # of all outputs where there are no scores
        if found.holds:
            break
    return found


def tolerance(moved: float) -> float:
    """How large an error rounding may make where a nudge moves the output so far; at least that of the nudge itself."""
    return MARGIN * max(moved, NUDGE)


def farthest(before: list[list[Array]], after: list[list[Array]], scored: bool = False) -> float:
    """The largest error of some outputs, for any input (see `_deviation`)."""
    return max(_deviation(one, other, scored) for one, other in zip(before, after, strict=True))


def _deviation(before: list[Array], after: list[Array], scored: bool) -> float:
    """The largest error of some outputs; where the last are scores, the others are what a head makes of them.

    A Softmax turns an absolute error of its scores into a relative one, so that is divided by their magnitude.
    """
    *errors, last = [_error(np.squeeze(one), np.squeeze(other)) for one, other in zip(before, after, strict=True)]
    magnitude = max(1.0, float(np.abs(before[-1]).max())) if scored else 1.0
    return max([last, *(error / magnitude for error in errors)])


def _scores(subject: Subject) -> list[tuple[str, str]]:
    """What the head reads, in the file and in its normal form: a Softmax of large numbers tells little."""
    if not subject.net.head:
        return []
    first = subject.net.head[-1]
    node = next(node for node in subject.graph.nodes if first.name in node.outputs)
    return [(node.inputs[0], subject.net.ops[first].inputs[0])]


class Untelling(Refusal):
    """Outputs that prove nothing, whatever they are: the weights are too large for it, or (`faint`) too small."""

    def __init__(self, message: str, faint: bool = False) -> None:
        super().__init__(message)
        self.faint = faint


_Found = TypeVar("_Found")


def telling(attempt: Callable[[float, float], _Found]) -> _Found:
    """What an attempt finds with the first gain of weights and scale of inputs whose outputs prove something.

    Below some gain a deep network forgets its input, above another it magnifies rounding as it does everything (Poole
    et al. 2016, arXiv:1606.05340, section 2: order and chaos), or its Softmax lets one class alone remain. The gain
    between is bisected by its logarithm. Raises the last Untelling where none of a bounded number tells.
    """
    for scale in SCALES:
        low, high, gain = 0.0, math.inf, GAIN
        for _ in range(GAINS):
            try:
                return attempt(gain, scale)
            except Untelling as untold:
                last = untold
            low, high = (gain, high) if last.faint else (low, gain)
            gain = _between(low, high)
    raise last


def _between(low: float, high: float) -> float:
    """Half the way on a scale of powers, to three digits; twice or half where only one side is known."""
    if not low or math.isinf(high):
        return 2 * low or high / 2
    return float(f"{math.sqrt(low * high):.3g}")


def _feeds(inputs: Sequence[Value], seed: int, scale: float) -> dict[str, Array]:
    random = np.random.default_rng([SEED, seed])
    return {v.name: _random([d or 1 for d in v.shape or ()], v.dtype or "float32", scale, random) for v in inputs}


def _random(shape: Sequence[int], dtype: str, scale: float, random: np.random.Generator) -> Array:
    """Noise, fine and coarse: to a deep network with pooling all images of fine noise alone look the same."""
    if "float" not in dtype:
        return random.integers(0, 2, shape).astype(dtype)
    coarse = random.standard_normal([-(-size // _COARSE) for size in shape])
    for axis, size in enumerate(shape):
        coarse = np.repeat(coarse, _COARSE, axis).take(range(size), axis)
    return (scale * (random.standard_normal(shape) + 2 * coarse)).astype(dtype)


def nudged_inputs(feeds: dict[str, Array], part: float) -> dict[str, Array]:
    """The same inputs, those that are real numbers changed by this part of themselves."""
    random = np.random.default_rng(SEED)
    return {name: emit.nudged(value, part, random) for name, value in feeds.items()}


def _check_finite(results: list[list[Array]]) -> None:
    if not all(np.isfinite(array).all() for one in results for array in one):
        raise Untelling("random weights let its outputs overflow")


def _check_telling(results: list[list[Array]], allowed: float) -> None:
    least = _TELLING * MARGIN * NUDGE
    for first, *_, last in zip(*results, strict=True):
        differing, size = _error(first, last), np.abs(first)
        if least <= differing < _TELLING * allowed:
            raise Untelling(
                f"undecided: with random weights it magnifies rounding too much (a change of {NUDGE:.0e} moves its "
                f"outputs by {allowed / MARGIN:.1e}, other inputs by {differing:.1e})"
            )
        if size.size > 3 and np.quantile(size, 0.75) < allowed * size.max():
            raise Untelling("with random weights most of its outputs vanish beside the largest")
        if differing < least:
            raise Untelling("with random weights its outputs hardly depend on the input", faint=True)


def _error(one: Array, other: Array) -> float:
    """Largest difference as a part of the largest magnitude; infinite where the sizes differ."""
    if one.shape != other.shape:
        return math.inf
    scale = float(max(np.abs(one).max(initial=0), np.abs(other).max(initial=0)))
    difference = float(np.abs(np.subtract(one, other, dtype=np.float64)).max(initial=0))
    return difference / scale if scale else difference


# ---------------------------------------------------------------- the two normal forms


class _Common:
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
        _check_finite(left)
        moved = max(map(_widest, (left, right), self._run(pairs, NUDGE)))
        found = Agreement(_widest(left, right), tolerance(moved))
        if not found.holds:
            return self._parting(told)
        _check_telling(left, found.tolerance)
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
    array = _random(shape, net.draft.dtype(name) or "float32", scale, np.random.default_rng(seed))
    own = net.draft.shape(name) or ()
    return array if channels_first(own) == tuple(own) else np.ascontiguousarray(array.transpose(0, 2, 3, 1))


def _widest(one: list[list[Array]], other: list[list[Array]]) -> float:
    """The largest error of some outputs, for any input."""
    flat = [[np.squeeze(array) for results in side for array in results] for side in (one, other)]
    return max(map(_error, *flat))


def _loosely(one: Array, other: Array) -> float:
    """The error of two tensors inside the networks, whose axes may lie in another order."""
    one, other = np.squeeze(one), np.squeeze(other)
    if one.shape != other.shape and sorted(one.shape) == sorted(other.shape):
        one, other = np.sort(one, axis=None), np.sort(other, axis=None)
    return _error(one, other)


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
