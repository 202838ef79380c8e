"""What was measured is remembered for one state of code and snapshots, and a lost memory costs time alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from zoodiff import compare, memory, store
from zoodiff.measurement import measure
from zoodiff.memory import Memory
from zoodiff.reference import find

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
    monkeypatch.setattr(memory, "_state", lambda: "another")
    second = Memory()
    assert second.get(network, None) is None
    second.add(network, None, measure(network))
    second.save()
    assert [path.name for path in folder.iterdir()] == ["another.msgpack"]


def test_the_state_follows_the_snapshots(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    bundled = {entry.path for entry in store.snapshots()}
    assert bundled
    before = memory._state()
    monkeypatch.setattr(store, "BUNDLED", tmp_path)
    assert memory._state() != before


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
