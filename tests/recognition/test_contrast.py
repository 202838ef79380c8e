"""In what two graphs differ is found once, whoever has them, and is what `diff` finds."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from madeup import copied, tiny, write_snapshot
from zoodiff.comparison.diffing import diff
from zoodiff.measuring.memory import content
from zoodiff.reading.reference import find
from zoodiff.recognition import contrast
from zoodiff.recognition.contrast import INDEX, between
from zoodiff.recognition.judged import partings
from zoodiff.recognition.known import Known, known
from zoodiff.record import Model, Weights


def kept(ref: str) -> Known:
    """What is kept of the graph of a published model."""
    graph = content(find(ref))
    return next(one for one in known() if one.graph == graph)


@pytest.mark.parametrize("architecture", ["resnet50-v1", "squeezenet-1.0", "vgg16"])
def test_the_index_is_what_diff_finds(architecture: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails: python -m zoodiff.recognition.judged."""
    monkeypatch.setattr(contrast, "_compared", None)
    for parting in partings([architecture])[architecture]:
        told = between(kept(parting.left), kept(parting.right))
        found = diff(parting.left, parting.right)
        assert [way.words for way in told.ways] == [cause.words for cause in found.differences]
        assert told.whole == (not found.not_compared and not any(found.remainder.values()))


def test_the_index_has_all_that_is_asked_of_the_bundled_snapshots(monkeypatch: pytest.MonkeyPatch) -> None:
    """If this fails: python -m zoodiff.recognition.judged."""
    monkeypatch.setattr(contrast, "_compared", None)
    assert sum(map(len, partings().values())) <= len(msgspec.json.decode(INDEX.read_bytes())["pairs"])


def test_a_copy_of_a_bundled_graph_is_not_compared_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contrast, "_compared", None)
    commonest = partings(["resnet50-v1"])["resnet50-v1"][0].left
    with copied(tmp_path, commonest):
        assert partings(["resnet50-v1"])


@pytest.mark.usefixtures("zoos")
def test_what_was_compared_is_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZOODIFF_CACHE", str(tmp_path / "cache"))  # another checkout that runs would tidy it up
    for zoo in ("mine", "theirs"):
        models = (Model("vgg16", (Weights("w", graph="v.onnx"),)), Model("vgg19", (Weights("w", graph="w.onnx"),)))
        write_snapshot(zoo, "1.0", models, {"v.onnx": tiny(8), "w.onnx": tiny(12)})
    told = between(kept("mine:vgg16"), kept("mine:vgg19"))
    assert told.whole
    assert not told.same
    contrast.remember()
    contrast._computed.cache_clear()  # as in another process
    monkeypatch.setattr(contrast, "_compared", None)
    assert contrast.contrast(find("theirs:vgg16"), kept("theirs:vgg19")) == told
