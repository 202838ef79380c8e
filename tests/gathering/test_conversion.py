"""A graph is checked against its framework's answers: right ones hold, wrong weights, wiring and shapes do not."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import Mock

import numpy as np
import onnx
import pytest

import toyzoo
from networks import network
from zoodiff.fault import Refusal
from zoodiff.gathering import conversion
from zoodiff.reading import store
from zoodiff.record import Conversion, Unmeasured
from zoodiff.zoos import _check


def convolved(weight: np.ndarray, picture: np.ndarray, stride: int = 2) -> np.ndarray:
    """What the toy zoo's graph computes, by its definition: 3x3 windows, one row and column of zeros around."""
    padded = np.pad(picture[0].astype(np.float64), ((0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), (1, 2))[:, ::stride, ::stride]
    return np.maximum(0, np.einsum("oikl,ihwkl->ohw", weight, windows))[None].astype(np.float32)


def answered(turned: bool = False) -> dict[str, np.ndarray]:
    weight = _check.weight("w", np.zeros((8, 3, 3, 3), np.float32), 27, 2.0)
    pictures = _check.pictures((1, 3, 8, 8), 1, 1.0)
    used = weight.transpose(0, 1, 3, 2) if turned else weight
    arrays = {f"input {number}": picture for number, picture in enumerate(pictures)}
    arrays |= {f"output {number}": convolved(used, picture) for number, picture in enumerate(pictures)}
    return {"weight w": weight, **arrays}


def test_a_graph_that_computes_the_same_holds() -> None:
    found = conversion.compared(toyzoo.skeleton(), answered(), 2.0, 1.0)
    assert found.holds
    assert found.max_abs_error < 1e-6
    assert 1e-5 <= found.tolerance < 1e-4
    assert (found.inputs, found.gain, found.scale) == (2, 2.0, 1.0)


def test_weights_in_another_order_do_not_hold() -> None:
    assert not conversion.compared(toyzoo.skeleton(), answered(turned=True), 2.0, 1.0).holds


def test_another_activation_does_not_hold() -> None:
    model = onnx.load_model_from_string(toyzoo.skeleton())
    model.graph.node[1].op_type = "Elu"
    assert not conversion.compared(model.SerializeToString(), answered(), 2.0, 1.0).holds


def test_weights_of_another_model_are_refused() -> None:
    with pytest.raises(Refusal, match=r"'w' of \[16, 3, 3, 3\], the framework's model one of \[8, 3, 3, 3\]"):
        conversion.compared(toyzoo.skeleton(16), answered(), 2.0, 1.0)


def sharp() -> onnx.ModelProto:
    """A dense layer and a Softmax that all but the largest of its outputs vanish in, unless its weights are small."""
    text = """net (float[1,64] x) => (float[1,8] y) {
        f = Constant<value = float {8.0}>() m = MatMul(x, w) s = Mul(m, f) y = Softmax(s) }"""
    return network(text, w=(64, 8))


def checked(model: onnx.ModelProto, monkeypatch: pytest.MonkeyPatch) -> Conversion | Unmeasured:
    """A graph beside a framework that computes what `sharp` does."""

    def answered(*given: object) -> dict[str, np.ndarray]:
        *_, gain, scale = given
        weight = _check.weight("w", np.zeros((64, 8), np.float32), 64, float(str(gain)))
        arrays = {"weight w": weight}
        for number, picture in enumerate(_check.pictures((1, 64), 1, float(str(scale)))):
            scores = 8.0 * (picture.astype(np.float64) @ weight)
            powers = np.exp(scores - scores.max())
            arrays |= {f"input {number}": picture, f"output {number}": powers / powers.sum()}
        return arrays

    monkeypatch.setattr(conversion._Stage, "answered", answered)
    return conversion._Stage(Mock(), Path(), Path()).checked("sharp", "", model.SerializeToString())


def test_a_gain_is_searched_for_at_which_outputs_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    found = checked(sharp(), monkeypatch)
    assert isinstance(found, Conversion)
    assert found.holds
    assert found.gain < 2.0
    assert found.scale == 1.0


def test_there_another_number_does_not_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    model = sharp()
    model.graph.node[0].attribute[0].t.CopyFrom(onnx.numpy_helper.from_array(np.float32(8.1)))
    found = checked(model, monkeypatch)
    assert isinstance(found, Conversion)
    assert not found.holds


def test_what_never_tells_ends_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    model = sharp()
    model.graph.node[0].attribute[0].t.CopyFrom(onnx.numpy_helper.from_array(np.float32(0.0)))
    found = checked(model, monkeypatch)
    assert found == Unmeasured("with random weights its outputs hardly depend on the input")


def test_figures_are_rounded_up() -> None:
    assert conversion._two_digits(1.21e-06) == 1.3e-06
    assert conversion._two_digits(0.0) == 0


def test_a_result_and_a_reason_in_words() -> None:
    result = Conversion(2e-7, 1e-5, 2, 0, 2.0, 1.0, "2026-11-24", "onnxruntime==1")
    assert "as the framework: largest error 2.0e-07" in conversion.told("g", result)
    assert conversion.told("g", Unmeasured("too large")) == "g: not checked: too large"


@pytest.mark.parametrize("zoo", ["gluon", "keras", "tfmg", "torchvision"])
def test_every_conversion_that_a_bundled_snapshot_states_holds(zoo: str) -> None:
    snapshot = store.load(zoo)
    graphs = {weights.graph for model in snapshot for weights in model.weights}
    assert snapshot.provenance.conversions.keys() <= graphs
    results = [one for one in snapshot.provenance.conversions.values() if isinstance(one, Conversion)]
    assert all(one.holds for one in results)
