# /// script
# requires-python = ">=3.11,<3.13"
# dependencies = [
#   "tf-models-official==2.20.0",
#   "tensorflow==2.20.*",
#   "tf_keras==2.20.*",
#   "tf-slim==1.1.0",
#   "tf-models-research-object-detection==2.8.0.post1",
#   "tf2onnx==1.17.*",
#   "onnx",
#   "onnxruntime",
# ]
# [tool.zoodiff]
# version-of = "tf-models-official"
# without-dependencies = ["tf-models-research-object-detection"]
# from-source = ["tf-models-research-object-detection", "promise"]
# ///
"""TensorFlow Model Garden: research/slim and tf-models-official."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from zoodiff.zoos import _official, _slim, _tensorflow

BATCH = 8

OFFICIAL = "official-"


def prove() -> None:
    """Raise unless a small model of each collection converts to a graph that computes the same."""
    for name in ("mobilenet_v1_025", "official-resnet_18"):
        with tempfile.TemporaryDirectory() as folder:
            default = gather(name, Path(folder))["weights"][0]
            check(name, default["id"], 2.0, 1.0, Path(folder) / "check.npz")
            _tensorflow.proven(Path(folder), default["graph"], Path(folder) / "check.npz")


def names() -> list[str]:
    """Every network of slim's factory, then tf-models-official's classifiers with `official-` before their names."""
    legacy()
    return [*_slim.names(), *(OFFICIAL + name for name in _official.names())]


def gather(name: str, folder: Path) -> dict[str, Any]:
    """Write the model's skeletons into `folder` and return its record."""
    legacy()
    if name.startswith(OFFICIAL):
        return _official.gather(name, name.removeprefix(OFFICIAL), folder)
    return _slim.gather(name, folder)


def check(name: str, weights: str, gain: float, scale: float, path: Path) -> None:
    """Write the network of these weights with random ones, two pictures, and what TensorFlow answers to them."""
    legacy()
    if name.startswith(OFFICIAL):
        _official.check(name.removeprefix(OFFICIAL), weights, gain, scale, path)
    else:
        _slim.check(name, weights, gain, scale, path)


def legacy() -> None:
    """Have TensorFlow take tf_keras for Keras: both collections are written for Keras 2."""
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
