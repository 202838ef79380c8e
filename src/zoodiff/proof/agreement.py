"""How far apart two runs of a network are, how far rounding may take them, and whether the runs prove anything.

How far outputs may lie apart follows from how much a network magnifies rounding, measured on the same weights and
inputs; weights and inputs are chosen so that the outputs tell networks apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple, TypeVar

import numpy as np

from zoodiff.fault import Refusal
from zoodiff.record import Value
from zoodiff.reducing import emit

Array = np.ndarray[Any, Any]

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


class Agreement(NamedTuple):
    """How far apart two runs are, and how far rounding may take them; both are parts of the largest output."""

    error: float
    tolerance: float

    @property
    def holds(self) -> bool:
        """Whether the two are the same; an error that is no number is none."""
        return self.error <= self.tolerance


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
    check_finite(before)
    found = Agreement(farthest(before, after, bool(scores)), 0.0)
    for part in (NUDGE, -NUDGE):
        moved = farthest(before, nudged(part), bool(scores))
        found = Agreement(found.error, max(found.tolerance, tolerance(moved)))
        check_telling([one[-scores:] for one in before], found.tolerance)  # of all outputs where there are no scores
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
    *errors, last = [distance(np.squeeze(one), np.squeeze(other)) for one, other in zip(before, after, strict=True)]
    magnitude = max(1.0, float(np.abs(before[-1]).max())) if scored else 1.0
    return max([last, *(error / magnitude for error in errors)])


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


def random_inputs(inputs: Sequence[Value], seed: int, scale: float) -> dict[str, Array]:
    """Random values for each input, by its name: a `scale` in magnitude, and other ones for another `seed`."""
    random = np.random.default_rng([SEED, seed])
    return {v.name: noise([d or 1 for d in v.shape or ()], v.dtype or "float32", scale, random) for v in inputs}


def noise(shape: Sequence[int], dtype: str, scale: float, random: np.random.Generator) -> Array:
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


def check_finite(results: list[list[Array]]) -> None:
    """Raise Untelling where an output for some input is not finite."""
    if not all(np.isfinite(array).all() for one in results for array in one):
        raise Untelling("random weights let its outputs overflow")


def check_telling(results: list[list[Array]], allowed: float) -> None:
    """Raise Untelling where the outputs for the inputs differ so little that an error might hide there.

    `allowed` is how large rounding may make an error, as a part of the largest output.
    """
    least = _TELLING * MARGIN * NUDGE
    for first, *_, last in zip(*results, strict=True):
        differing, size = distance(first, last), np.abs(first)
        if least <= differing < _TELLING * allowed:
            raise Untelling(
                f"undecided: with random weights it magnifies rounding too much (a change of {NUDGE:.0e} moves its "
                f"outputs by {allowed / MARGIN:.1e}, other inputs by {differing:.1e})"
            )
        if size.size > 3 and np.quantile(size, 0.75) < allowed * size.max():
            raise Untelling("with random weights most of its outputs vanish beside the largest")
        if differing < least:
            raise Untelling("with random weights its outputs hardly depend on the input", faint=True)


def distance(one: Array, other: Array) -> float:
    """Largest difference as a part of the largest magnitude; infinite where the sizes differ."""
    if one.shape != other.shape:
        return math.inf
    scale = float(max(np.abs(one).max(initial=0), np.abs(other).max(initial=0)))
    difference = float(np.abs(np.subtract(one, other, dtype=np.float64)).max(initial=0))
    return difference / scale if scale else difference
