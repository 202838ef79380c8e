# /// script
# requires-python = ">=3.11,<3.15"
# dependencies = [
#   "diffonnx==1.0.2",
# ]
# [tool.zoodiff]
# version-of = "diffonnx"
# without-dependencies = []
# from-source = []
# disk-mb = 1000
# ///
"""diffonnx: matches tensors and nodes by all that they hold, and scores the structure by four graph kernels."""

from __future__ import annotations

from typing import Any

NAME = "diffonnx"
SUFFIX = ".onnx"


def prove() -> None:
    """Raise unless it is importable."""
    import diffonnx.static  # noqa: F401


def static(a: str, b: str) -> dict[str, Any]:
    """Its static summary: an exact match of everything, or the share of matches by kind; scores of the structure."""
    import onnx
    from diffonnx.static import StaticDiff

    found = StaticDiff(onnx.load(a), onnx.load(b)).summary()
    nodes = found.graph_matches["nodes"]
    said = f"nodes {nodes.same}/{nodes.a_total} alike, scores {found.score}"
    return {"differ": not found.exact_match, "places": None, "said": said}


METHODS = {"static summary": static}
