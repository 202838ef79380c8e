"""What was measured is remembered for one state of code and snapshots, and a lost memory costs time alone."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from madeup import own_home, published, tiny, write_snapshot
from zoodiff.measuring import memory
from zoodiff.measuring.measurement import measure
from zoodiff.measuring.memory import Memory
from zoodiff.reading import entries, store
from zoodiff.reading.reference import find
from zoodiff.survey import compare

REF = "torchvision:squeezenet1_1"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ZOODIFF_CACHE", str(tmp_path))
    return tmp_path / "measured"


def test_what_was_measured_comes_back_whole(folder: Path) -> None:
    network, first = find(REF), Memory()
    assert first.get(network, None) is None
    first.add(network, None, measure(network))
    first.save()
    assert Memory().get(network, None) == measure(network)
    assert Memory().get(network, {"": (1, 3, 256, 256)}) is None
    assert [path.suffix for path in folder.iterdir()] == [".msgpack"]


def test_another_state_of_the_code_remembers_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network, first = find(REF), Memory()
    first.add(network, None, measure(network))
    first.save()
    monkeypatch.setattr(memory, "_state", lambda **_: "another")
    second = Memory()
    assert second.get(network, None) is None
    second.add(network, None, measure(network))
    second.save()
    assert [path.name for path in folder.iterdir()] == ["another.msgpack"]


def test_the_state_follows_the_snapshots(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    bundled = {entry.path for entry in entries.snapshots()}
    assert bundled
    before, of_graphs = memory._state(of_snapshots=True), memory._state()
    monkeypatch.setattr(entries, "BUNDLED", tmp_path)
    assert memory._state(of_snapshots=True) != before
    assert memory._state() == of_graphs, "what is told of a graph alone holds whatever snapshots there are"


def test_models_with_the_same_graph_share_what_was_measured_and_nothing_else(tmp_path: Path) -> None:
    with own_home(tmp_path):
        for zoo in ("mine", "theirs"):
            models = (published("vgg16", "v.onnx"), published("odd", "w.onnx"))
            write_snapshot(zoo, "1.0", models, {"v.onnx": tiny(8), "w.onnx": tiny(9)})
        mine, theirs, other = find("mine:vgg16"), find("theirs:vgg16"), find("theirs:odd")
        first = Memory()
        first.add(mine, None, measure(mine))
        assert first.get(theirs, None) == measure(theirs)
        assert first.get(other, None) is None


def test_the_graphs_of_an_archive_are_hashed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with own_home(tmp_path):
        for zoo in ("mine", "theirs"):
            write_snapshot(zoo, "1.0", (published("vgg16", "v.onnx"),), {"v.onnx": tiny(8)})
        mine = memory.content(find("mine:vgg16"))
        assert mine == hashlib.sha256(tiny(8)).hexdigest()
        Memory().save()
        memory.contents.cache_clear()  # as in another process
        memory._hashes.cache_clear()
        monkeypatch.setattr(store, "hashes", None)
        assert memory.content(find("theirs:vgg16")) == mine


def test_a_stand_in_s_graph_is_not_a_model_s_own() -> None:
    network = find("onnx:bvlcalexnet-12")
    assert network.stand_in is not None
    assert memory.content(network) is None
    assert Memory().key(network, None) == Memory().key(find(network.stand_in), None) != ""


@pytest.mark.parametrize("damage", [b"", b"\x00", b"\x81\xa1a\xc0"])
def test_a_damaged_memory_is_made_again(folder: Path, damage: bytes) -> None:
    network, first = find(REF), Memory()
    first.add(network, None, measure(network))
    first.save()
    first.path.write_bytes(damage)
    assert Memory().get(network, None) is None
    assert compare.audit(["squeezenet1.1"]).groups
    assert Memory().get(network, None) == measure(network)


def test_a_folder_that_cannot_be_written_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("ZOODIFF_CACHE", os.fspath(tmp_path / "file"))
    network, first = find(REF), Memory()
    first.add(network, None, measure(network))
    first.save()
    assert (tmp_path / "file").read_text() == "in the way"
