"""A measurement says its numbers, and what is not known is no number."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import onnx

from madeup import Ran
from networks import network

Cli = Callable[..., Ran]


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
