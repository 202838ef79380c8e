"""Running a network elsewhere: its outputs, and every way in which it may fail is a reason."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from networks import network
from zoodiff.fault import Refusal
from zoodiff.proof import execute as module
from zoodiff.proof.execute import execute

RECTIFIER = "net (float[2,3] x) => (float[2,3] y, float[2,3] z) { y = Relu(x) z = Neg(x) }"


def test_the_outputs_for_each_input() -> None:
    feeds = [{"x": np.full((2, 3), value, np.float32)} for value in (-1.5, 2.0)]
    (first, negated), (second, _) = execute(network(RECTIFIER), feeds)
    assert (first == 0).all()
    assert (negated == 1.5).all()
    assert (second == 2).all()


def test_weights_that_one_file_cannot_hold_lie_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    feeds, weight = [{"x": random.standard_normal((1, 40), np.float32)}], random.standard_normal((40, 30), np.float32)

    def model() -> onnx.ModelProto:
        made = network("net (float[1,40] x) => (float[1,30] y) { y = MatMul(x, w) }", w=(40, 30))
        made.graph.initializer[0].CopyFrom(onnx.numpy_helper.from_array(weight, "w"))
        return made

    [[inside]], large = execute(model(), feeds), model()
    assert np.allclose(inside, feeds[0]["x"] @ weight, atol=1e-5)
    monkeypatch.setattr(module, "INSIDE", weight.nbytes - 1)
    [[outside]] = execute(large, feeds)
    assert not large.graph.initializer[0].HasField("raw_data")
    assert np.array_equal(inside, outside)


def test_a_model_that_cannot_run_is_refused_with_the_reason() -> None:
    model = network("net (float[2] x) => (float[2] y) { y = NoSuchOperator(x) }")
    with pytest.raises(Refusal, match="NoSuchOperator"):
        execute(model, [{"x": np.zeros(2, np.float32)}])


def test_memory_has_a_limit() -> None:
    model = network("net (int64[1] s) => (float[n] y) { y = ConstantOfShape(s) }")
    with pytest.raises(Refusal, match=r"onnxruntime does not run it: .*Alloc"):
        execute(model, [{"s": np.array([1 << 34])}])


def test_time_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SECONDS", 0.01)
    with pytest.raises(Refusal, match="took too long"):
        execute(network(RECTIFIER), [{"x": np.zeros((2, 3), np.float32)}])


def test_without_onnxruntime_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(Refusal, match=r"pip install 'zoodiff\[prove\]'"):
        module.require()
