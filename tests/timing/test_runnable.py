"""A network written as a file that runs computes what the network does, with its own weights or random ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

from madeup import filled, tiny
from networks import network
from zoodiff.fault import Refusal
from zoodiff.reading.reference import find
from zoodiff.timing import runnable


def outputs(path: Path, shape: tuple[int, ...] = (1, 3, 32, 32)) -> np.ndarray:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    [array] = session.run(None, {"x": np.random.default_rng(0).standard_normal(shape).astype(np.float32)})
    return array


@pytest.mark.parametrize("outside", [False, True])
def test_a_files_own_weights_are_kept(tmp_path: Path, outside: bool) -> None:
    path = filled(tmp_path, outside=outside)
    found = find(str(path))
    (tmp_path / "made").mkdir()
    made = runnable.write(found, found.graph(), tmp_path / "made")
    assert made.weights == "own"
    assert made.inputs == [("x", "float32", [1, 3, 32, 32])]
    np.testing.assert_array_equal(outputs(made.path), outputs(path))
    assert (made.path.parent / runnable.WEIGHTS).stat().st_size >= 16 * 27 * 4


def test_another_input_size_and_batch(tmp_path: Path) -> None:
    found = find(str(filled(tmp_path)))
    (tmp_path / "made").mkdir()
    made = runnable.write(found, found.graph({"x": (4, 3, 64, 64)}), tmp_path / "made")
    assert outputs(made.path, (4, 3, 64, 64)).shape == (4, 10)


def test_a_skeleton_gets_random_weights_and_a_file_too_when_asked(tmp_path: Path) -> None:
    (tmp_path / "bare.onnx").write_bytes(tiny(16))
    for ref, random in ((tmp_path / "bare.onnx", False), (filled(tmp_path), True)):
        found, folder = find(str(ref)), tmp_path / f"made-{random}"
        folder.mkdir()
        made = runnable.write(found, found.graph(), folder, random)
        assert made.weights == "random"
        array = outputs(made.path)
        assert np.isfinite(array).all()
        assert array.std() > 0


def test_weights_elsewhere_are_refused(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    path = filled(inner, outside=True)
    (inner / "beside.bin").rename(tmp_path / "beside.bin")
    model = onnx.load(path, load_external_data=False)
    for tensor in model.graph.initializer:
        next(entry for entry in tensor.external_data if entry.key == "location").value = "../beside.bin"
    path.write_bytes(model.SerializeToString())
    found = find(str(path))
    (tmp_path / "made").mkdir()
    with pytest.raises(Refusal, match="is in another file, which cannot be read"):
        runnable.write(found, found.graph(), tmp_path / "made")


def test_what_depends_on_values_is_not_run_on_random_ones(tmp_path: Path) -> None:
    model = network("net (float[4] x) => (int64[1,n] y) { y = NonZero(x) }")
    (tmp_path / "net.onnx").write_bytes(model.SerializeToString())
    found = find(str(tmp_path / "net.onnx"))
    with pytest.raises(Refusal, match="NonZero takes depends on values"):
        runnable.write(found, found.graph(), tmp_path, random=True)


def test_an_origin_papers_network_runs(tmp_path: Path) -> None:
    found = find("paper:squeezenet-1.1")
    made = runnable.write(found, found.graph(), tmp_path)
    assert made.weights == "random"
    session = onnxruntime.InferenceSession(str(made.path), providers=["CPUExecutionProvider"])
    [(name, _, shape)] = made.inputs
    [array, *_] = session.run(None, {name: np.zeros(shape, np.float32)})
    assert np.isfinite(array).all()
