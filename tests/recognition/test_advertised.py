"""What a name says: a published one, a file's, or nothing."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest

from madeup import tiny
from zoodiff.reading.reference import find
from zoodiff.recognition.advertised import advertised
from zoodiff.recognition.known import Known
from zoodiff.recognition.others import Others
from zoodiff.recognition.sketch import Sketch

NONE = Others([])


@pytest.mark.parametrize(
    ("ref", "architecture"),
    [
        ("torchvision:vgg16_bn", "vgg16-bn"),
        ("keras:ResNet50V2", "resnet50-v2"),
        ("gluon:squeezenet1.1", "squeezenet-1.1"),
    ],
)
def test_a_published_name_means_an_architecture(ref: str, architecture: str) -> None:
    name = advertised(find(ref), NONE)
    assert name is not None
    assert name.architecture == architecture
    assert architecture in name.readings


def test_a_file_s_name_means_what_a_published_one_would(tmp_path: Path) -> None:
    path = tmp_path / "squeezenet1.0-7.onnx"
    path.write_bytes(tiny(8))
    name = advertised(find(path), NONE)
    assert name is not None
    assert name.architecture == "squeezenet-1.0"


def test_a_name_that_nobody_knows_says_nothing(tmp_path: Path) -> None:
    """Unless a known network bears it."""
    path = tmp_path / "strange.onnx"
    path.write_bytes(tiny(8))
    assert advertised(find(path), NONE) is None
    strange = Known("mine:strange", "mine", "strange", 0, 0, 0, 0, Sketch("x", "x", 0, {}, {}))
    name = advertised(find(path), Others([strange]))
    assert name is not None
    assert name.readings == {"strange"}


def test_a_graph_in_a_program_has_no_name() -> None:
    assert advertised(find(onnx.load_from_string(tiny(8))), NONE) is None
