"""TensorFlow Lite files, run by LiteRT on the processor; quantised ones too."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

NEEDS = "ai_edge_litert"
EXTRA = "tflite"


def sniff(head: bytes, path: Path) -> bool:
    """A FlatBuffer with TensorFlow Lite's mark."""
    return head[4:8] == b"TFL3"


class Session:
    """A network in LiteRT; integers that come out are turned into scores by the scale and zero point of the file."""

    def __init__(self, path: Path, threads: int) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self._interpreter = Interpreter(str(path), num_threads=threads)
        inputs, outputs = self._interpreter.get_input_details(), self._interpreter.get_output_details()
        if len(inputs) != 1:
            raise ValueError(f"it has {len(inputs)} inputs, not one picture")
        self._interpreter.allocate_tensors()
        self._input, self._output = inputs[0]["index"], outputs[0]["index"]
        signature = [int(size) for size in inputs[0]["shape_signature"]]
        self.shape = tuple(size if size > 0 else None for size in signature)
        self.dtype = np.dtype(inputs[0]["dtype"]).name
        self.quantisation = _scale(inputs[0])
        self._scale = _scale(outputs[0])
        self.classes = int(np.prod(outputs[0]["shape"][1:]))
        self.runtime = f"ai-edge-litert=={version('ai-edge-litert')}"

    def run(self, batch: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Scores of a batch."""
        if self.shape[0] is None and len(self._interpreter.get_tensor(self._input)) != len(batch):
            self._interpreter.resize_tensor_input(self._input, batch.shape)
            self._interpreter.allocate_tensors()
        self._interpreter.set_tensor(self._input, batch)
        self._interpreter.invoke()
        scores = self._interpreter.get_tensor(self._output).reshape(len(batch), -1)
        if self._scale is None:
            return np.asarray(scores, np.float32)
        step, zero = self._scale
        return np.asarray((scores.astype(np.float32) - zero) * step, np.float32)


def load(path: Path, threads: int, name: str) -> Session:
    """The network in a file."""
    return Session(path, threads)


def _scale(details: dict[str, Any]) -> tuple[float, int] | None:
    """Scale and zero point of an integer tensor; None where it holds floats or states none."""
    if np.dtype(details["dtype"]).kind == "f" or not details["quantization"][0]:
        return None
    step, zero = details["quantization"]
    return float(step), int(zero)
