# /// script
# requires-python = ">=3.11,<3.15"
# dependencies = [
#   "onnxdiffer==0.1.2",
# ]
# [tool.zoodiff]
# version-of = "onnxdiffer"
# without-dependencies = []
# from-source = []
# disk-mb = 900
# ///
"""onnxdiffer: matches tensors and nodes that are the same byte for byte, and scores the structure by a graph kernel."""

from __future__ import annotations

from typing import Any

NAME = "onnxdiffer"
SUFFIX = ".onnx"


def prove() -> None:
    """Raise unless it is importable."""
    import onnxdiff.structs_parameters  # noqa: F401


def summary(a: str, b: str) -> dict[str, Any]:
    """Its summary: an exact match of everything, or the share of matches by kind; a score of the bare structure."""
    import onnx
    from onnxdiff.structs_parameters import OnnxDiff

    found = OnnxDiff(onnx.load(a), onnx.load(b)).summary()
    nodes = found.graph_matches["nodes"]
    said = f"nodes {nodes.same}/{nodes.a_total} alike, score {found.score:.6g}"
    return {"differ": not found.exact_match, "places": None, "said": said}


METHODS = {"summary": summary}
