"""Models that deviate from their origin paper are found, alike ones together; what conforms or has no paper is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from madeup import own_home, published, write_snapshot
from zoodiff.reading.paper import blueprint
from zoodiff.survey import compare
from zoodiff.survey.finding import Finding


def found(folder: Path, **models: tuple[str, bytes]) -> list[Finding]:
    """What the rule finds among zoos of one model each: its name and its file."""
    with own_home(folder):
        for zoo, (name, data) in models.items():
            write_snapshot(zoo, "1.0", (published(name, "model.onnx"),), {"model.onnx": data})
        return [finding for finding in compare.audit().findings if finding.id == "differs-from-paper"]


def network(name: str) -> bytes:
    """A paper's network as a file."""
    made: bytes = blueprint(name).build(224).SerializeToString()
    return made


def test_those_that_deviate_alike_are_one_finding(tmp_path: Path) -> None:
    old, new = network("squeezenet-1.0"), network("squeezenet-1.1")
    (finding,) = found(tmp_path, one=("squeezenet1.0", new), two=("squeezenet_1_0", new), three=("squeezenet1.0", old))
    assert finding.models == ("one:squeezenet1.0", "two:squeezenet_1_0")
    assert finding.severity == "medium"
    assert finding.evidence["network"] == "paper:squeezenet-1.0"
    assert finding.evidence["conforming"] == ["three:squeezenet1.0"]
    assert any(way["words"] == "convolution: kernel 7x7 against 3x3" for way in finding.evidence["ways"])


@pytest.mark.parametrize(
    ("name", "paper"),
    [
        ("squeezenet1.0", "squeezenet-1.0"),
        ("squeezenet_v3", "squeezenet-1.1"),
        ("squeezenet1.0-int8", "squeezenet-1.1"),
    ],
    ids=["conforms", "has no paper", "is quantised"],
)
def test_silent_where_it(tmp_path: Path, name: str, paper: str) -> None:
    assert found(tmp_path, one=(name, network(paper))) == []
