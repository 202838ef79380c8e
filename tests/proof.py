"""Proof that passes preserve meaning: the file as it is and its draft, on one set of random weights and inputs."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import onnx

from zoodiff.readers.onnx import from_proto
from zoodiff.record import Graph
from zoodiff.reducing import emit
from zoodiff.reducing.draft import Draft
from zoodiff.reducing.normalise import normalise

TOLERANCE = 1e-4
"""Largest error allowed, as a part of the largest output: float32, sums in another order."""


def parts(draft: Draft) -> list[tuple[object, ...]]:
    """A draft as it stands, to be compared with itself later."""
    return [(op.op, op.domain, tuple(op.inputs), tuple(op.outputs), str(op.attributes)) for op in draft.ops]


def kinds(draft: Draft) -> list[str]:
    """The operators of a draft in the order in which they run."""
    draft.sort()
    return [op.op for op in draft.ops]


def run(model: onnx.ModelProto, feeds: dict[str, np.ndarray]) -> list[np.ndarray]:
    """The outputs, by onnxruntime without any optimisation of its own."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return list(session.run(None, feeds))


def error(proto: onnx.ModelProto, graph: Graph, draft: Draft, seed: int = 0) -> float:
    """Largest difference between the file's outputs and the draft's, as a part of the file's largest output."""
    values = emit.Weights(graph, seed, gain=0.5)  # more, and attention magnifies rounding
    random = np.random.default_rng(seed + 1)
    feeds = {v.name: random.standard_normal([d or 1 for d in v.shape or ()]).astype(v.dtype) for v in graph.inputs}
    before = run(emit.filled(proto, graph, values), feeds)
    after = run(emit.model(draft, values), feeds)
    assert len(before) == len(after)
    worst = 0.0
    for one, other in zip(before, after, strict=True):
        assert one.shape == other.shape
        assert np.isfinite(one).all()
        assert one.size == 1 or one.std() > 0, "an output that is the same everywhere proves nothing"
        worst = max(worst, float(np.abs(one - other).max() / np.abs(one).max()))
    return worst


def proven(proto: onnx.ModelProto) -> Draft:
    """The normal form of a model, shown to compute the same and to be its own normal form."""
    graph = from_proto(proto, "test")
    draft = normalise(graph)
    assert error(proto, graph, draft) < TOLERANCE
    return draft


def same(protos: Iterable[onnx.ModelProto], *kinds_expected: str) -> None:
    """Show that several spellings are proven and come to one normal form, which has these operators."""
    for proto in protos:
        assert kinds(proven(proto)) == list(kinds_expected)
