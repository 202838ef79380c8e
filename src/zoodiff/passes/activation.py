"""Recognises activations by what they compute, however they are spelled: hard-swish, GELU, ReLU6 and the like."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from zoodiff.passes._elementwise import (
    MEANING,
    Array,
    Step,
    evaluate,
    expressions,
    numbers,
    program,
    rounded,
)
from zoodiff.reducing.draft import Draft, Op

AFTER: tuple[str, ...] = ("defaults", "fold", "identity", "layout", "operands", "reshape")

TOLERANCE = 3e-5
"""How far a curve may be off, relative to the larger of 1 and the input: slim writes 1/6 as 0.16667."""
EXACT = 1e-6
"""How far what is made of straight lines may be off, relative to the input: constants are float32."""

_STRAIGHT = ("Clip", "Identity", "LeakyRelu", "Relu")
_PLAIN = ("Gelu", "HardSwish", "Mish", "Relu", "Sigmoid", "Softplus", "Softsign", "Swish", "Tanh")
_FAR = (1e-6, 1e-3, 12.5, 20, 50, 1e2, 1e3, 1e4, 1e6)
_PROBES = np.concatenate([np.linspace(-8, 8, 257), [sign * value for value in _FAR for sign in (-1, 1)]])
_NEAR = 50.0
"""Farther out, a spelling may overflow where the function does not."""


def run(draft: Draft) -> None:
    """From the last operator to the first, name the largest expression that ends in each."""
    draft.sort()
    ops = draft.ops
    place = {op: at for at, op in enumerate(ops)}
    for root in reversed(ops):
        if root in draft and _allowed(root):
            _name(draft, root, place)


def _allowed(op: Op) -> bool:
    return op.op in MEANING and op.op != "ReduceMean" and not op.domain


def _name(draft: Draft, root: Op, place: dict[Op, int]) -> None:
    shape, best = draft.shape(root.outputs[0]), None
    for found in expressions(draft, root, place, _allowed):
        if len(found.ops) == 1 and root.op in _PLAIN:
            continue
        steps = program(draft, found, {}) if shape is not None and draft.shape(found.source) == shape else None
        name = recognise(steps) if steps is not None else None
        if name is not None:
            best = found, name
    if best is None:
        return
    found, (kind, settings) = best
    attributes = dict(settings)
    if (kind, attributes, [found.source]) == (root.op, root.attributes, root.inputs):
        return
    draft.rewrite(root, kind, [found.source], attributes, absorbed=found.ops[:-1])
    if kind == "Identity":
        draft.bypass(root)


@lru_cache(maxsize=4096)
def recognise(steps: tuple[Step, ...]) -> tuple[str, tuple[tuple[str, Any], ...]] | None:
    """The operator that an expression equals, with its attributes; None where it is none of those known."""
    edges = [edge * scale for edge in numbers(steps) for scale in (-1.001, -1, -0.999, 0.999, 1, 1.001)]
    x = np.concatenate([_PROBES, [edge for edge in edges if abs(edge) < 1e30]])
    with np.errstate(all="ignore"):
        y = evaluate(steps, x)
        if y.shape != x.shape:
            return None
        for kind, attributes in _candidates(y):
            expected = x if kind == "Identity" else MEANING[kind]([x], attributes)
            allowed = EXACT * np.abs(x) if kind in _STRAIGHT else TOLERANCE * np.maximum(1, np.abs(x))
            if _equal(x, y, expected, allowed):
                return kind, tuple(sorted(attributes.items()))
    return None


def _equal(x: Array, y: Array, expected: Array, allowed: Array) -> bool:
    near = np.abs(y - expected) <= allowed
    return bool(np.all(near | (~np.isfinite(y) & (np.abs(x) > _NEAR))))


def _candidates(y: Array) -> list[tuple[str, dict[str, Any]]]:
    """What the function may be, with the attributes that its values ask for."""
    at = {value: y[index] for index, value in enumerate(_PROBES)}
    found: list[tuple[str, dict[str, Any]]] = [("Identity", {}), *((kind, {}) for kind in _PLAIN if kind != "Gelu")]
    found += [("Gelu", {"approximate": "none"}), ("Gelu", {"approximate": "tanh"})]
    low, high = rounded(at[-1e6]), rounded(at[1e6])
    bounds = {name: value for name, value in (("min", low), ("max", high)) if abs(value) < 1e6}
    if bounds and low < high:
        found.append(("Clip", bounds))
    slope, middle = rounded((at[0.0625] - at[-0.0625]) / 0.125), rounded(at[0.0])
    if 0 < middle < 1 and slope > 0:
        lines = ((rounded(1 / 6), 0.5), (slope, middle))
        found += [("HardSigmoid", {"alpha": alpha, "beta": beta}) for alpha, beta in lines]
    if (leak := rounded(-at[-1.0])) not in (0.0, 1.0):
        found.append(("LeakyRelu", {"alpha": leak}))
        found.append(("Elu", {"alpha": rounded(-at[-50.0])}))
    return found
