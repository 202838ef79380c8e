"""A model beside its paper: which differences deviate and which the paper leaves open."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import onnx
from onnx import helper

from madeup import Ran
from zoodiff.reading.reference import find

Cli = Callable[..., Ran]


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


def test_a_deviation_stands_with_its_share_of_the_gap_and_numbers_beside_those_that_are_printed(cli: Cli) -> None:
    ran = cli("conform", "torchvision:resnet50")
    assert ran.code == 0
    for words in ("deviates in 1 way\n", "100.0 %", "3.8 x 10^9 FLOPs", "3,857,973,248", "77.15", "80.858"):
        assert words in ran.out


def test_a_model_as_the_paper_has_it_shows_no_deviation(cli: Cli) -> None:
    out = cli("conform", "torchvision:vgg16").out
    assert out.startswith("torchvision:vgg16")
    assert "\n  conforms\n" in out
    assert "Deviations" not in out
    assert "Numbers that the paper prints" in out
