# /// script
# requires-python = ">=3.11,<3.15"
# dependencies = [
#   "onnx-diff==0.1.2",
# ]
# [tool.zoodiff]
# version-of = "onnx-diff"
# without-dependencies = []
# from-source = []
# disk-mb = 700
# ///
"""onnx-diff: matches tensors and nodes that are the same byte for byte, and scores the structure by a graph kernel."""

from __future__ import annotations

from typing import Any

NAME = "onnx-diff"
SUFFIX = ".onnx"


def prove() -> None:
    """Raise unless it is importable."""
    import onnx_diff.diff  # noqa: F401


def summary(a: str, b: str) -> dict[str, Any]:
    """Its summary: an exact match of everything, or the share of matches by kind; a score of the bare structure."""
    import onnx
    from onnx_diff.diff import OnnxDiff

    found = OnnxDiff(onnx.load(a), onnx.load(b)).summary()
    nodes = found.graph_matches["nodes"]
    said = f"nodes {nodes.same}/{nodes.a_total} alike, score {found.score:.6g}"
    return {"differ": not found.exact_match, "places": None, "said": said}


METHODS = {"summary": summary}
