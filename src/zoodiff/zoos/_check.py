"""What a guest hands over so that its graph can be checked: random weights, pictures, and the framework's answers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

SEED = 0
COARSE = 32
"""pixels along a side of the patches that differ as wholes: to deep networks pictures of mere noise look the same"""
POSITIVE = ("var", "variance", "gamma")
"""how names of variances and scales end; torch calls a scale `weight`"""
SIZES = (1.0, 10.0)
"""of the numbers in either picture: with the larger one what has a bound, as ReLU6, reaches it"""


def weight(name: str, value: Any, inputs: int, gain: float) -> Any:
    """A random weight for this one, the same in every run: none is left at 0 or 1, which would hide it.

    Matrices and kernels get the variance `gain / inputs`, where `inputs` is how many numbers make one output: with 2,
    signals keep their size through rectifiers (He et al. 2015, arXiv:1502.01852, equation 10). Integers stay.
    """
    random = np.random.default_rng([SEED, crc32(name.encode())])
    shape = value.shape
    if value.dtype.kind != "f":
        return value
    if name.endswith(POSITIVE) or (len(shape) == 1 and name.endswith("weight")):
        return random.uniform(0.5, 1.5, shape).astype(value.dtype)
    deviation = math.sqrt(gain / inputs) if len(shape) > 1 else 0.1
    return (random.standard_normal(shape) * deviation).astype(value.dtype)


def pictures(shape: Sequence[int], channels: int, scale: float) -> list[Any]:
    """Two random pictures of this shape and scale, the same in every run; `channels` is the axis of their channels."""
    found: list[Any] = []
    for size in SIZES:
        random = np.random.default_rng([SEED, len(found)])
        coarse = random.standard_normal([-(-n // COARSE) if axis != channels else n for axis, n in enumerate(shape)])
        for axis, count in enumerate(shape):
            coarse = np.repeat(coarse, COARSE if axis != channels else 1, axis).take(range(count), axis)
        found.append((scale * size * (random.standard_normal(shape) + 2 * coarse)).astype("float32"))
    return found


def write(path: Path, weights: Mapping[str, Any], pictures: Sequence[Any], answers: Sequence[Any]) -> None:
    """Write all of it: weights by their names in the skeleton, and what the framework makes of each picture."""
    arrays = {f"weight {name}": value for name, value in weights.items()}
    arrays.update({f"input {number}": value for number, value in enumerate(pictures)})
    arrays.update({f"output {number}": value for number, value in enumerate(answers)})
    with path.open("wb") as file:
        np.savez(file, **arrays)


def error(graph: Path, path: Path) -> float:
    """The largest error of a skeleton against what `write` wrote, as a part of the largest answer: for `prove`."""
    import onnx
    import onnxruntime

    model = onnx.load(str(graph))
    with np.load(path) as kept:
        for tensor in model.graph.initializer:
            if not tensor.ByteSize() or f"weight {tensor.name}" in kept.files:
                tensor.CopyFrom(onnx.numpy_helper.from_array(kept[f"weight {tensor.name}"], tensor.name))
        session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        errors = []
        for number in range(len(SIZES)):
            (found,) = session.run(None, {session.get_inputs()[0].name: kept[f"input {number}"]})
            expected = kept[f"output {number}"]
            errors.append(float(np.abs(found - expected).max() / np.abs(expected).max()))
    return max(errors)
