"""Proof that passes preserve meaning: the file as it is and its draft, on one set of random weights and inputs."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import onnx
from onnx import numpy_helper

from zoodiff import emit
from zoodiff.draft import Draft
from zoodiff.normalise import normalise
from zoodiff.readers.onnx import from_proto
from zoodiff.record import Graph

TOLERANCE = 1e-4
"""Largest error allowed, as a part of the largest output: float32, sums in another order."""


def parts(draft: Draft) -> list[tuple[object, ...]]:
    """A draft as it stands, to be compared with itself later."""
    return [(op.op, op.domain, tuple(op.inputs), tuple(op.outputs), str(op.attributes)) for op in draft.ops]


def kinds(draft: Draft) -> list[str]:
    """The operators of a draft in the order in which they run."""
    draft.sort()
    return [op.op for op in draft.ops]


def filled(proto: onnx.ModelProto, graph: Graph, values: dict[str, np.ndarray]) -> onnx.ModelProto:
    """A file's model with these values for its weights, in its own operators and opset."""
    made = onnx.ModelProto()
    made.CopyFrom(proto)
    nodes = [node for node in made.graph.node if not (len(node.output) == 1 and node.output[0] in graph.constants)]
    literal = [node for node in made.graph.node if node.op_type == "Constant"]
    literal_names = {name for node in literal for name in node.output}
    del made.graph.node[:]
    made.graph.node.extend([*literal, *(node for node in nodes if node not in literal)])
    del made.graph.initializer[:]
    used = {name for node in made.graph.node for name in node.input}
    wanted = [name for name in graph.constants if name in used - literal_names]
    made.graph.initializer.extend(numpy_helper.from_array(values[n], n) for n in wanted)
    inputs = [value for value in made.graph.input if value.name not in graph.constants]
    del made.graph.input[:]
    made.graph.input.extend(inputs)
    for value, known in zip(made.graph.input, graph.inputs, strict=True):
        for dim, size in zip(value.type.tensor_type.shape.dim, known.shape or (), strict=True):
            dim.dim_value = size or 1
    del made.graph.value_info[:]
    for value in made.graph.output:
        value.type.tensor_type.ClearField("shape")
    return made


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
    values = emit.weights(graph, seed)
    random = np.random.default_rng(seed + 1)
    feeds = {v.name: random.standard_normal([d or 1 for d in v.shape or ()]).astype(v.dtype) for v in graph.inputs}
    before = run(filled(proto, graph, values), feeds)
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
