"""The verdict on a network's name, with its reason and what is nearest."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import onnx

from madeup import Ran
from zoodiff.reading.reference import find

Cli = Callable[..., Ran]


def test_a_person_reads_the_verdict(cli: Cli, tmp_path: Path) -> None:
    onnx.save(find("torchvision:vgg16").skeleton(), tmp_path / "vgg19.onnx")
    ran = cli("identify", tmp_path / "vgg19.onnx")
    assert ran.code == 0
    assert ran.out.splitlines()[0] == str(tmp_path / "vgg19.onnx")
    for line in ("  called   vgg19", "  is       vgg16", "  verdict  mislabelled"):
        assert f"{line}\n" in ran.out
    assert "the same" in ran.out


def test_what_is_not_known_says_so(cli: Cli, model: Path) -> None:
    out = cli("identify", model).out
    assert "  called   nothing that is known\n" in out
    assert "  is       not known\n" in out
