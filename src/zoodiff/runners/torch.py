"""PyTorch state dictionaries (.pth, .pt), in the zoo's own environment and on the network that the zoo itself builds.

The file is read with `weights_only`: tensors and plain containers, never code. Every parameter must be there and of its
shape. It runs the models of Torchvision; the environment is built once (`zoodiff gather` uses the same).
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

ZOOS = ("torchvision",)


def sniff(head: bytes, path: Path) -> bool:
    """A zip archive or an old pickle under a name that torch uses; it is not opened here."""
    return path.suffix.lower() in (".pth", ".pt") and head.startswith((b"PK\x03\x04", b"\x80\x02"))


class Session:
    """A network in torch, in evaluation mode."""

    dtype = "float32"
    quantisation = None

    def __init__(self, path: Path, threads: int, name: str) -> None:
        import torch

        torch.set_num_threads(threads)
        self._torch = torch
        zoo, _, model = name.partition(":")
        self._network, size = import_module(f"zoodiff.zoos.{zoo}").network(*model.rsplit("/", 1))
        state = torch.load(path, map_location="cpu", weights_only=True)
        if not isinstance(state, dict) or not all(isinstance(value, torch.Tensor) for value in state.values()):
            raise ValueError("it holds no state dictionary of tensors")
        self._network.load_state_dict(state)
        self.shape = (None, *size[1:])
        self.classes = self.run(np.zeros(size, np.float32)).shape[1]
        self.runtime = f"torch=={torch.__version__}"

    def run(self, batch: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Scores of a batch."""
        with self._torch.inference_mode():
            scores: np.ndarray[Any, Any] = self._network(self._torch.from_numpy(np.array(batch))).numpy()
        return scores


def load(path: Path, threads: int, name: str) -> Session:
    """The network `ZOO:MODEL/WEIGHTS` with the weights in a file."""
    return Session(path, threads, name)
