"""`diff`, `identify` and `conform` print one document or a screen, and exit 1 under --strict where networks differ."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import onnx

from madeup import Ran
from networks import network
from zoodiff.reading.reference import find

Cli = Callable[..., Ran]


def test_diff_prints_one_document_or_a_screen(cli: Cli, model: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.onnx"
    text = "net (float[1,3,8,8] x) => (float[] y) { c = Conv (x, w) y = LeakyRelu (c) }"
    onnx.save(network(text, w=(4, 3, 3, 3)), other)
    ran = cli("diff", model, other, "--json")
    document = json.loads(ran.out)
    assert (ran.code, document["kind"], document["identical"]) == (0, "difference", False)
    (cause,) = document["differences"]
    assert (cause["op"], cause["what"], cause["left"]["value"], cause["right"]["value"]) == (
        "Activation",
        "op",
        "Relu",
        "LeakyRelu",
    )
    assert "Activation: ReLU against leaky ReLU" in cli("diff", model, other).out
    assert cli("diff", model, other, "--strict").code == 1
    assert "The same network" in cli("diff", model, model, "--strict").out
    assert cli("diff", model, "nowhere.onnx").code == 2


def test_diff_under_another_input(cli: Cli, model: Path) -> None:
    """One convolution of 3x3 on 8x8 gives 6x6, on 10x12 8x10, each of 4 * 27 multiply-accumulates."""
    for size, places in (("1x3x8x8", 36), ("x=1x3x10x12", 80)):
        document = json.loads(cli("diff", model, model, "--input", size, "--json").out)
        assert document["macs"]["left"] == document["macs"]["right"] == places * 4 * 27
    assert "is no size" in cli("diff", model, model, "--input", "8by8").err


def test_identify_under_strict_fails_where_the_name_is_wrong(cli: Cli, tmp_path: Path) -> None:
    for name, code in (("vgg16", 0), ("vgg19", 1)):
        onnx.save(find("torchvision:vgg16").skeleton(), tmp_path / f"{name}.onnx")
        assert cli("identify", tmp_path / f"{name}.onnx").code == 0
        assert cli("identify", tmp_path / f"{name}.onnx", "--strict").code == code
    assert cli("identify", tmp_path / "missing.onnx").code == 2


def test_conform_under_strict_fails_where_the_model_deviates(cli: Cli) -> None:
    assert cli("conform", "torchvision:resnet50", "--strict").code == 1
    assert cli("conform", "torchvision:vgg16", "--strict").code == 0
    assert cli("conform", "torchvision:vit_b_16").code == 2
    assert cli("conform", "torchvision:vgg16", "--paper", "nowhere").code == 2
