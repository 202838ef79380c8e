from __future__ import annotations

import numpy as np
import pytest

from networks import network
from proof import error, run
from zoodiff import emit
from zoodiff.draft import Draft
from zoodiff.fault import Refusal
from zoodiff.readers.onnx import from_proto

SHAPES = {"w": (8, 4, 3, 3), "v": (8,)}


def graph(text: str, opset: int = 17, **weights: tuple[int, ...]):
    return from_proto(network(text, opset=opset, **weights), "test")


def test_weights_are_seeded_small_and_positive_where_vectors():
    made = graph("net (float[1,4,5,5] x) => (float[] y) { y = Conv(x, w, v) }", **SHAPES)
    one, again, other = emit.weights(made, 1), emit.weights(made, 1), emit.weights(made, 2)
    assert all(np.array_equal(one[name], again[name]) for name in SHAPES)
    assert not np.array_equal(one["w"], other["w"])
    assert 0.5 <= one["v"].min() <= one["v"].max() <= 1
    assert one["w"].std() == pytest.approx(1 / 6, rel=0.2)  # 36 elements make one output


def test_a_draft_that_no_pass_has_seen_runs_as_the_file():
    text = "net (float[1,4,5,5] x) => (float[] y) { a = Conv(x, w, v) b = Relu(a) y = GlobalAveragePool(b) }"
    model = network(text, **SHAPES)
    made = from_proto(model, "test")
    assert error(model, made, Draft(made)) == 0


@pytest.mark.parametrize(
    ("kind", "attributes", "expected"),
    [
        ("Swish", {}, lambda x: x / (1 + np.exp(-x))),
        ("ChannelShuffle", {"group": 2}, lambda x: x[:, [0, 2, 1, 3]]),
        ("LayerNormalization", {"axis": -1, "epsilon": 0.5}, lambda x: _normal(x, 0.5)),
    ],
)
def test_what_onnx_lacks_is_spelled_out(kind, attributes, expected):
    made = Draft(graph("net (float[2,4,3,3] x) => (float[] y) { y = Relu(x) }"))
    made.rewrite(made.ops[0], kind, ["x"], attributes)
    x = np.random.default_rng(0).standard_normal((2, 4, 3, 3)).astype(np.float32)
    (y,) = run(emit.model(made, {}), {"x": x})
    assert np.allclose(y, expected(x), atol=1e-6)


def _normal(x, epsilon):
    centred = x - x.mean(-1, keepdims=True)
    return centred / np.sqrt((centred**2).mean(-1, keepdims=True) + epsilon)


def test_a_subgraph_is_refused():
    text = """net (bool c, float[2] x) => (float[2] y) {
        y = If (c) <then_branch = t () => (float[2] a) { a = Relu(x) },
                    else_branch = e () => (float[2] b) { b = Neg(x) }>
    }"""
    made = Draft(graph(text))
    with pytest.raises(Refusal, match="subgraph"):
        emit.model(made, {})
