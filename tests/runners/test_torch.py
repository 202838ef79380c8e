"""State dictionaries: known by name and beginning, run only on a zoo's own network, and never as code."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from zoodiff.fault import Refusal
from zoodiff.isolate import declare, isolate
from zoodiff.proof.execute import execute
from zoodiff.runners.torch import sniff
from zoodiff.validation.runner import Runner


def test_known_by_name_and_beginning(tmp_path: Path) -> None:
    for name, head, known in (
        ("a.pth", b"PK\x03\x04", True),
        ("a.PT", b"\x80\x02\x8a", True),
        ("a.zip", b"PK\x03\x04", False),
        ("a.pth", b"\x89HDF", False),
    ):
        assert sniff(head, tmp_path / name) == known


def test_weights_without_a_network_need_a_zoo(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.pth", "w") as archive:
        archive.writestr("a/data.pkl", b"")
    for zoo in ("", "keras"):
        with pytest.raises(Refusal, match=r"weights without a network.*\n.*--like"), Runner(tmp_path / "a.pth", zoo):
            pass


SAVE = """
import sys, numpy, torch
kept = numpy.load(sys.argv[1])
torch.save({name: torch.from_numpy(kept[name]) for name in kept.files}, sys.argv[2])
torch.save({"state": 1, "epoch": print}, sys.argv[3])
"""


@pytest.mark.live
def test_the_same_weights_give_the_same_answers_as_in_onnxruntime(evidence: Path, tmp_path: Path) -> None:
    """SqueezeNet 1.1's weights, moved from the ONNX file into a state dictionary, against onnxruntime."""
    model = onnx.load(evidence / "models" / "squeezenet1.1.onnx")
    arrays = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    convolutions = [node for node in model.graph.node if node.op_type == "Conv"]
    blocks = [f"features.{at}.{part}" for at in (3, 4, 6, 7, 9, 10, 11, 12) for part in PARTS]
    state = {}
    for name, node in zip(["features.0", *blocks, "classifier.1"], convolutions, strict=True):
        state |= {
            f"{name}.{kind}": arrays[tensor] for kind, tensor in zip(("weight", "bias"), node.input[1:3], strict=True)
        }
    np.savez(tmp_path / "state.npz", **state)
    path, code = tmp_path / "squeezenet.pth", tmp_path / "code.pth"
    with isolate.environment(declare.zoo("torchvision"), print) as environment:
        command = [environment.python, "-c", SAVE, tmp_path / "state.npz", path, code]
        subprocess.run([str(word) for word in command], check=True, timeout=120)
    batch = np.random.default_rng(0).normal(0, 60, (3, 3, 224, 224)).astype(np.float32)
    with Runner(path, "torchvision", "squeezenet1_1/IMAGENET1K_V1") as runner:
        assert runner.interface.shape == (None, 3, 224, 224)
        assert runner.interface.classes == 1000
        runner.prepare((3, 224, 224), 1000)
        runner.inputs[0, :3] = batch
        runner.ask(0, 3)
        found = np.array(runner.outputs[runner.answered(), :3])
    [[expected]] = execute(model, [{model.graph.input[0].name: batch}])
    assert np.abs(found - expected.reshape(3, 1000)).max() < 1e-3 * np.abs(expected).max()
    with pytest.raises(Refusal, match="does not load: "), Runner(path, "torchvision", "resnet18/IMAGENET1K_V1"):
        pass
    with pytest.raises(Refusal, match="does not load: "), Runner(code, "torchvision", "squeezenet1_1/IMAGENET1K_V1"):
        pass


PARTS = ("squeeze", "expand1x1", "expand3x3")
