from __future__ import annotations

import numpy as np
import pytest

from networks import network
from proof import error, run
from zoodiff.fault import Refusal
from zoodiff.readers.onnx import from_proto
from zoodiff.record import Constant, Value
from zoodiff.reducing import emit
from zoodiff.reducing.draft import Draft

SHAPES = {"w": (8, 4, 3, 3), "v": (8,)}


def graph(text: str, opset: int = 17, **weights: tuple[int, ...]):
    return from_proto(network(text, opset=opset, **weights), "test")


def test_weights_are_seeded_and_of_the_size_that_their_place_asks_for():
    made = graph("net (float[1,4,5,5] x) => (float[] y) { a = Conv(x, w, v) y = Mul(a, s) }", **SHAPES, s=(8, 1, 1))
    one, again, other = emit.Weights(made, 1), emit.Weights(made, 1), emit.Weights(made, 2)
    assert np.array_equal(one["v"], again["v"])
    assert np.array_equal(one["w"], again["w"])  # whichever was asked for first
    assert not np.array_equal(one["w"], other["w"])
    assert one["v"].min() < 0 < one["v"].max()
    assert 0.5 <= one["s"].min() <= one["s"].max() <= 1.5
    assert one["w"].std() == pytest.approx(1 / 6, rel=0.2)  # 36 elements make one output
    assert emit.Weights(made, 1, gain=4)["w"].std() == pytest.approx(1 / 3, rel=0.2)


def test_nudged_weights_are_the_same_but_for_a_part_of_themselves():
    text = "net (float[1,4,5,5] x) => (float[] y) { c = Constant<value = float {2.0}>() a = Conv(x, w) y = Pow(a, c) }"
    made = graph(text, w=(8, 4, 3, 3))
    values = emit.Weights(made, 1)
    exponent, before = values["c"], values["w"]
    nudged = values.nudged(1e-3)
    np.testing.assert_allclose(np.abs(nudged["w"] / before - 1), 1e-3, rtol=1e-3)
    assert 0.4 < (np.abs(nudged["w"]) > np.abs(before)).mean() < 0.6
    assert nudged["c"] == exponent == 2  # the file's own number
    assert values["w"] is before


def test_indices_that_the_skeleton_lacks_count_up():
    made = graph("net (float[1,4] x) => (float[] y) { y = Gather<axis = 1>(x, i) }", i=(6,))
    made.constants["i"] = Constant("i", "int64", (6,))
    assert emit.Weights(made)["i"].tolist() == [0, 1, 2, 3, 0, 1]


def test_a_part_of_a_draft_runs_on_its_own():
    made = Draft(graph("net (float[2] x) => (float[2] y) { a = Neg(x) b = Exp(a) y = Sqrt(b) }"))
    (y,) = run(emit.model(made, {}, [Value("a", "float32", (2,))], ["b"]), {"a": np.zeros(2, np.float32)})
    assert y.tolist() == [1, 1]


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
