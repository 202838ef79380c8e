"""ONNX files, run by onnxruntime on the processor, optimised as it does by default.

The file is one that a user gives: its operators are onnxruntime's own, and external data may lie in its folder only.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

NEEDS = "onnxruntime"
EXTRA = "run"
TYPES = {"float": "float32", "float16": "float16", "double": "float64"}
"""onnxruntime's names of element types that numpy calls otherwise"""


def sniff(head: bytes, path: Path) -> bool:
    """A file that begins as ONNX does: its first field is the version, or text that a producer wrote."""
    return path.suffix.lower() == ".onnx" and head[:1] in (b"\x08", b"\x12", b"\x3a")


class Session:
    """A network in onnxruntime with one input and, for each image, one row of scores first among its outputs."""

    def __init__(self, path: Path, threads: int) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        options.intra_op_num_threads = threads
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # images are decoded meanwhile
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        if len(inputs) != 1:
            raise ValueError(f"it has {len(inputs)} inputs ({', '.join(i.name for i in inputs)}), not one picture")
        self._input, self._output = inputs[0].name, outputs[0].name
        self.shape = tuple(dim if isinstance(dim, int) else None for dim in inputs[0].shape)
        kind = inputs[0].type.removeprefix("tensor(").removesuffix(")")
        self.dtype = TYPES.get(kind, kind)
        self.quantisation = None
        self.classes = _classes(outputs[0].shape)
        self.runtime = f"onnxruntime=={onnxruntime.__version__}"

    def run(self, batch: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Scores of a batch."""
        scores: np.ndarray[Any, Any] = self._session.run([self._output], {self._input: batch})[0]
        return scores.reshape(len(batch), -1)


def load(path: Path, threads: int, name: str) -> Session:
    """The network in a file."""
    return Session(path, threads)


def _classes(shape: list[Any]) -> int | None:
    """Scores for an image; None where the file does not say."""
    sizes = shape[1:]
    if not sizes or not all(isinstance(size, int) for size in sizes):
        return None
    return int(np.prod(sizes))
