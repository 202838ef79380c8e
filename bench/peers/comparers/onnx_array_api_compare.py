# /// script
# requires-python = ">=3.11,<3.15"
# dependencies = [
#   "onnx-array-api==0.3.3",
#   "onnx==1.23.*",
#   "scipy>=1.12",
# ]
# [tool.zoodiff]
# version-of = "onnx-array-api"
# without-dependencies = []
# from-source = []
# disk-mb = 600
# ///
"""onnx-array-api's compare: the edit distance of two sequences of nodes and results, by operator, type and shape."""

from __future__ import annotations

from typing import Any

NAME = "onnx-array-api"
SUFFIX = ".onnx"


def prove() -> None:
    """Raise unless it is importable."""
    import onnx_array_api.reference  # noqa: F401


def compare(a: str, b: str) -> dict[str, Any]:
    """Its alignment without execution: the rows that differ."""
    import onnx
    from onnx_array_api.reference import compare_onnx_execution

    left, right, aligned, costs = compare_onnx_execution(onnx.load(a), onnx.load(b), mode="nodes")
    rows, before = [], (-1, -1)
    for i, j in aligned:
        moved = i != before[0] and j != before[1]
        if not moved or costs.distance_pair(left[i], right[j]) > 0:
            rows.append([left[i][5], right[j][5]])
        before = (i, j)
    return {"differ": bool(rows), "places": rows, "said": f"{len(rows)} of {len(aligned)} rows differ"}


METHODS = {"compare --mode nodes": compare}
