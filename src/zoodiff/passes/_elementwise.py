"""Operators that treat each element by itself, and what they do to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

UNARY = frozenset(
    "Abs Cast Ceil Celu Clip Cos Elu Erf Exp Floor Gelu HardSigmoid HardSwish LeakyRelu Log Mish Neg Not Reciprocal "
    "Relu Round Selu Sigmoid Sign Sin Softplus Softsign Sqrt Swish Tanh ThresholdedRelu".split()
)
"""One operand, and an output of its shape."""

BROADCASTING = frozenset("Add Sub Mul Div Pow Max Min Sum Mean".split())
"""Several operands that broadcast."""
