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
from pathlib import Path
from typing import Any

from zoodiff.zoos import _official, _slim

BATCH = 8

OFFICIAL = "official-"


def prove() -> None:
    """Raise unless a small model of each collection converts to a graph that computes the same."""
    for name in ("mobilenet_v1_025", "official-resnet_18"):
        if (error := check(name)) > 1e-4:
            raise RuntimeError(f"{name}: the graph's output is {error} away from the framework's")


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


def check(name: str) -> float:
    """Largest absolute error of the graph's output in onnxruntime against the framework's, on random numbers."""
    legacy()
    return _official.check(name.removeprefix(OFFICIAL)) if name.startswith(OFFICIAL) else _slim.check(name)


def legacy() -> None:
    """Have TensorFlow take tf_keras for Keras: both collections are written for Keras 2."""
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
