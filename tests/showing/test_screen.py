"""What a person reads says the numbers, their reservations, and fits the terminal."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import onnx
import pytest
from onnx import helper

from madeup import Ran
from networks import network
from zoodiff.reading.reference import find
from zoodiff.showing import screen

Cli = Callable[..., Ran]


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0.00 M"), (4_089_184_256, "4,089.18 M"), (1_235_496, "1.24 M"), (4_999, "0.00 M")]
)
def test_millions(value: int, text: str) -> None:
    assert screen.millions(value) == text


@pytest.mark.parametrize(
    ("shape", "text"), [(None, "?"), ((1, None, 224), "1x?x224"), ((1, 3, 224, 224), "1x3x224x224")]
)
def test_dims(shape: tuple[int | None, ...] | None, text: str) -> None:
    assert screen.dims(shape) == text


def test_a_measurement_says_its_numbers(cli: Cli, zoos: Path) -> None:
    out = cli("measure", "alpha:vgg16").out
    for words in ("alpha:vgg16/w1  (vgg16)", "x 1x3x32x32", f"{27 * 8 * 1024 + 80:,}", "2 per MAC", f"{37 * 8 + 10:,}"):
        assert words in out
    assert "at least" not in out
    assert "\x1b" not in out


def test_a_stand_in_says_so(cli: Cli, zoos: Path) -> None:
    assert "stand-in graph of alpha:alexnet: its file is not to be had" in cli("measure", "gamma:alexnet").out


def test_what_is_not_known_is_no_number(cli: Cli, tmp_path: Path) -> None:
    model = network("net (float[1,3,H,W] x) => (float[] y) { y = Conv (x, w) }", w=(4, 3, 3, 3))
    onnx.save(model, tmp_path / "free.onnx")
    out = cli("measure", tmp_path / "free.onnx").out
    assert "1x3x?x?" in out
    assert "at least 0" in out
    assert "peak memory  not known" in out
    assert "uncounted: 1 x Conv" in out
    assert "fvcore ? shape of 'y' is not known" in " ".join(out.split())


@pytest.mark.parametrize("width", [80, 100, 140])
@pytest.mark.parametrize(
    "arguments", [["measure", "alpha:vgg16"], ["list", "costs"], ["list", "rules"], ["audit"], ["audit", "vgg16"]]
)
def test_no_line_is_wider_than_the_terminal(
    cli: Cli, zoos: Path, monkeypatch: pytest.MonkeyPatch, width: int, arguments: list[str]
) -> None:
    screen.console.cache_clear()
    monkeypatch.setattr(screen, "_width", lambda: width)
    out = cli(*arguments).out
    screen.console.cache_clear()
    assert out
    assert max(map(len, out.splitlines())) <= width


def test_models_of_one_zoo(cli: Cli, zoos: Path) -> None:
    rows = screen.listing("models", "gamma")
    assert [row["ref"] for row in rows] == ["gamma:alexnet", "gamma:vgg16"]
    assert cli("list", "models", "delta").code == 2


def test_claims_are_shown_with_what_others_measured(cli: Cli) -> None:
    out = " ".join(cli("claims", "torchvision:resnet50/IMAGENET1K_V1").out.split())
    assert "Evidence: measured by others" in out
    assert "acc@1 75.062 (37,531 of 50,000)" in out
    assert (
        "shorter side to 256, centre crop, bilinear (as the zoo says): huggingface/pytorch-image-models@aa4b5850" in out
    )
    assert "79.434" not in out  # of other weights
    assert "79.434" in cli("claims", "torchvision:resnet50").out
    document = json.loads(cli("claims", "torchvision:resnet50/IMAGENET1K_V1", "--json").out)
    told = {one["measured_by"] for one in document["models"][0]["evidence"]}
    assert told == {"timm", "imagenet-testbed", "Open Model Zoo", "benchmarking-keras-pytorch"}


def test_a_lower_bound_is_marked_where_a_model_is_held_against_its_paper(cli: Cli, tmp_path: Path) -> None:
    model = find("torchvision:resnet34").skeleton()
    model.graph.node.append(helper.make_node("Strange", [model.graph.output[0].name], ["odd"], domain="own"))
    model.opset_import.append(helper.make_opsetid("own", 1))
    model.graph.output[0].name = "odd"
    path = tmp_path / "resnet34.onnx"
    onnx.save(model, path)
    said = cli("conform", path).out
    assert re.search(r"MACs ([0-9,]+) in the paper's network, ≥ \1 in the model: not known", said)
    assert re.search(r"macs .* ≥ 3,6", said)
