"""ONNX files: known by their beginning, run by onnxruntime, and refused where they are no classifier of one picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from networks import network
from pictures import painter
from zoodiff.runners.onnx import Session, load, sniff


def test_known_by_name_and_beginning(tmp_path: Path) -> None:
    path = painter(tmp_path / "a.onnx")
    head = path.read_bytes()[:512]
    assert sniff(head, path)
    assert not sniff(head, tmp_path / "a.pb")
    assert not sniff(b"PK\x03\x04", path)


def test_scores(tmp_path: Path) -> None:
    session = load(painter(tmp_path / "a.onnx", background=True), 1, "")
    assert session.classes == 7
    red = np.full((2, 3, 8, 8), -1, np.float32)
    red[:, 0] = 1
    assert session.run(red).argmax(1).tolist() == [1, 1]


def test_types_and_several_inputs(tmp_path: Path) -> None:
    onnx.save(network("net (float16[N,3,8,8] x) => (float16[N,192] y) { y = Flatten(x) }"), tmp_path / "a.onnx")
    session = Session(tmp_path / "a.onnx", 1)
    assert (session.dtype, session.shape, session.classes) == ("float16", (None, 3, 8, 8), 192)
    onnx.save(network("net (float[1] x, float[1] z) => (float[1] y) { y = Add(x, z) }"), tmp_path / "a.onnx")
    with pytest.raises(ValueError, match="it has 2 inputs"):
        Session(tmp_path / "a.onnx", 1)


def test_weights_outside_of_the_folder_are_not_opened(tmp_path: Path) -> None:
    """onnxruntime's own check, on which the promise rests."""
    (tmp_path / "inner").mkdir()
    (tmp_path / "weights").write_bytes(bytes(4))
    model = network("net (float[1] x) => (float[1] y) { y = Add(x, w) }", w=(1,))
    tensor = TensorProto(name="w", dims=[1], data_type=TensorProto.FLOAT, data_location=TensorProto.EXTERNAL)
    for key, value in (("location", "../weights"), ("length", "4")):
        tensor.external_data.add(key=key, value=value)
    del model.graph.initializer[:]
    model.graph.initializer.append(tensor)
    (tmp_path / "inner" / "a.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(Exception, match=r"(?i)external"):
        Session(tmp_path / "inner" / "a.onnx", 1)
    assert helper is not None


def test_the_zoos_own_quantised_file(evidence: Path) -> None:
    session = load(evidence / "models" / "shufflenet-v2-12-int8.onnx", 1, "")
    assert (session.shape, session.dtype, session.classes) == ((1, 3, 224, 224), "float32", 1000)
