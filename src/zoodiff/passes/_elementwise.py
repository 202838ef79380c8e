"""Operators that treat each element by itself, and expressions of them, evaluated to see what they are."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from zoodiff.reducing.draft import Draft, Op

Array = np.ndarray[Any, Any]
Attributes = Mapping[str, Any]

UNARY = frozenset(
    "Abs Cast Ceil Celu Clip Cos Elu Erf Exp Floor Gelu HardSigmoid HardSwish LeakyRelu Log Mish Neg Not Reciprocal "
    "Relu Round Selu Sigmoid Sign Sin Softplus Softsign Sqrt Swish Tanh ThresholdedRelu".split()
)
"""One operand, and an output of its shape."""

BROADCASTING = frozenset("Add Sub Mul Div Pow Max Min Sum Mean".split())
"""Several operands that broadcast."""


def _sigmoid(x: Array) -> Array:
    return np.asarray(0.5 * (1 + np.tanh(0.5 * x)))


_ERF = np.vectorize(math.erf, otypes=[float])


def _gelu(x: Array, attributes: Attributes) -> Array:
    if attributes.get("approximate", "none") == "tanh":
        return np.asarray(0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))))
    return np.asarray(0.5 * x * (1 + _ERF(x / math.sqrt(2))))


def _elu(x: Array, alpha: float) -> Array:
    return np.asarray(np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0))))


def hard_sigmoid(x: Array, alpha: float, beta: float) -> Array:
    """ONNX's HardSigmoid."""
    return np.asarray(np.clip(alpha * x + beta, 0, 1))


def leaky(x: Array, slope: float) -> Array:
    """ONNX's LeakyRelu, or PRelu with one slope."""
    return np.where(x < 0, slope * x, x)


MEANING: dict[str, Callable[[Sequence[Any], Attributes], Any]] = {
    "Abs": lambda x, _: np.abs(x[0]),
    "Add": lambda x, _: x[0] + x[1],
    "Clip": lambda x, a: np.clip(x[0], a.get("min", -np.inf), a.get("max", np.inf)),
    "Div": lambda x, _: x[0] / x[1],
    "Elu": lambda x, a: _elu(x[0], a["alpha"]),
    "Erf": lambda x, _: _ERF(x[0]),
    "Exp": lambda x, _: np.exp(x[0]),
    "Gelu": lambda x, a: _gelu(x[0], a),
    "HardSigmoid": lambda x, a: hard_sigmoid(x[0], a["alpha"], a["beta"]),
    "HardSwish": lambda x, _: x[0] * hard_sigmoid(x[0], 1 / 6, 0.5),
    "LeakyRelu": lambda x, a: leaky(x[0], a["alpha"]),
    "Log": lambda x, _: np.log(x[0]),
    "Max": lambda x, _: np.maximum(x[0], x[1]),
    "Min": lambda x, _: np.minimum(x[0], x[1]),
    "Mish": lambda x, _: x[0] * np.tanh(np.logaddexp(0, x[0])),
    "Mul": lambda x, _: x[0] * x[1],
    "Neg": lambda x, _: -x[0],
    "PRelu": lambda x, _: leaky(x[0], x[1]),
    "Pow": lambda x, _: np.power(x[0], x[1]),
    "Reciprocal": lambda x, _: 1 / x[0],
    "Relu": lambda x, _: np.maximum(x[0], 0),
    "Sigmoid": lambda x, _: _sigmoid(x[0]),
    "Softplus": lambda x, _: np.logaddexp(0, x[0]),
    "Softsign": lambda x, _: x[0] / (1 + np.abs(x[0])),
    "Sqrt": lambda x, _: np.sqrt(x[0]),
    "Sub": lambda x, _: x[0] - x[1],
    "Swish": lambda x, _: x[0] * _sigmoid(x[0]),
    "Tanh": lambda x, _: np.tanh(x[0]),
    "ReduceMean": lambda x, _: np.mean(x[0], axis=-1, keepdims=True),
}
"""What operators compute (https://github.com/onnx/onnx/blob/main/docs/Operators.md), in float64; ReduceMean along the
last axis."""

MOST = 24
"""Operators in an expression: no spelling seen has more."""
WIDE = 4
"""Tensors that an expression may wait for: spellings seen wait for three at most."""


@dataclass(frozen=True)
class Expression:
    """Operators that compute a tensor from one other and constants, and whose inner results nobody else reads."""

    source: str
    ops: tuple[Op, ...]
    """in an order in which they can run; the last is the one that makes the result"""


def expressions(draft: Draft, root: Op, place: Mapping[Op, int], allowed: Callable[[Op], bool]) -> Iterator[Expression]:
    """All expressions that end in an operator, growing; `place` is the order in which operators run."""
    inside: dict[Op, None] = {}
    frontier: dict[str, None] = {}
    ready: Op | None = root
    while ready is not None and allowed(ready) and len(ready.outputs) == 1 and len(inside) < MOST:
        inside[ready] = None
        frontier.pop(ready.outputs[0], None)
        frontier.update((name, None) for name in ready.inputs if name and name not in draft.constants)
        if len(frontier) > WIDE:
            return
        if len(frontier) == 1:
            yield Expression(next(iter(frontier)), tuple(sorted(inside, key=place.__getitem__)))
        makers = [maker for name in frontier if (maker := draft.maker(name)) is not None and maker in place]
        ready = max(makers, key=place.__getitem__, default=None)
        if ready is None or len(makers) == len(frontier) == 0:
            return
        name = ready.outputs[0]
        if name in draft.outputs or any(reader not in inside for reader in draft.readers(name)):
            return


Step = tuple[str, tuple[tuple[str, Any], ...], tuple[int | float, ...]]
"""Operator, attributes, operands: an integer is the source (0), a vector (-1, -2, ...) or an earlier step's result."""


def program(draft: Draft, found: Expression, vectors: Mapping[str, int]) -> tuple[Step, ...] | None:
    """An expression without its names, to be evaluated; None where a constant's value is not known."""
    at = {found.source: 0, **vectors}
    steps = []
    for op in found.ops:
        operands: list[int | float] = []
        for name in op.inputs:
            number = at.get(name) if name in at else draft.number(name)
            if number is None:
                return None
            operands.append(number)
        attributes = op.attributes if op.op != "ReduceMean" else {}
        steps.append((op.op, tuple(sorted(attributes.items())), tuple(operands)))
        at[op.outputs[0]] = len(steps)
    return tuple(steps)


def evaluate(steps: Sequence[Step], source: Array, vectors: Sequence[Array] = ()) -> Array:
    """The result of an expression."""
    results: list[Any] = [source]
    for kind, attributes, operands in steps:
        values = [
            (results[at] if at >= 0 else vectors[-at - 1]) if isinstance(at, int) else np.float64(at) for at in operands
        ]
        results.append(MEANING[kind](values, dict(attributes)))
    return np.asarray(results[-1])


def numbers(steps: Sequence[Step]) -> list[float]:
    """The constants of an expression, bounds of Clips included."""
    found = [value for _, attributes, _ in steps for _, value in attributes if isinstance(value, float)]
    return found + [value for _, _, operands in steps for value in operands if isinstance(value, float)]


def rounded(value: float) -> float:
    """A number as its author wrote it, before float32: six significant digits."""
    return float(f"{value:.6g}")
