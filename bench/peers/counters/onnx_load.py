# /// script
# requires-python = ">=3.11,<3.15"
# dependencies = [
#   "onnx==1.23.*",
# ]
# [tool.zoodiff]
# version-of = "onnx"
# without-dependencies = []
# from-source = []
# disk-mb = 200
# ///
"""onnx.load: reads the whole file, weights and all, and counts nothing; whoever counts by onnx begins with it."""

from __future__ import annotations

NAME = "onnx.load"
READS = "onnx"
PER_MAC = 1
CONVENTION = None
NOTE = "Reads the file, and counts nothing."


def prove() -> None:
    """Raise unless onnx is importable."""
    import onnx

    onnx.helper.make_node("Relu", ["x"], ["y"])


def count(path: str) -> None:
    """Load it."""
    import onnx

    onnx.load(path)
