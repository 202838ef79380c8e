"""Snapshots are found where they lie: the user's before the bundled, by version, whatever else is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from zoodiff.fault import Refusal
from zoodiff.reading import entries


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's root, empty; the bundled one is empty too."""
    monkeypatch.setenv("ZOODIFF_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(entries, "BUNDLED", tmp_path / "bundled")
    return tmp_path / "home" / "snapshots"


def put(root: Path, version: str, zoo: str = "toy") -> Path:
    """A folder that looks like a snapshot from outside."""
    folder = root / zoo / version
    folder.mkdir(parents=True)
    (folder / entries.RECORDS).touch()
    return folder


def test_versions_are_in_the_order_of_versions(root: Path) -> None:
    for version in ("0.9.0", "0.10.0", "0.10.0rc1", "somewhen"):
        put(root, version)
    assert [entry.version for entry in entries.snapshots()] == ["somewhen", "0.9.0", "0.10.0rc1", "0.10.0"]
    assert entries.find("toy", None).version == "0.10.0"
    assert entries.find("toy", "0.9.0").path == root / "toy" / "0.9.0"


def test_the_users_come_before_the_bundled(root: Path) -> None:
    for version in ("0.5", "1.0"):
        put(entries.BUNDLED, version)
    put(root, "1.0")
    found = [(entry.version, entry.path.parents[1]) for entry in entries.snapshots()]
    assert found == [("0.5", entries.BUNDLED), ("1.0", root)]
    assert entries.find("toy", "1.0").path.is_relative_to(root)
    assert entries.find("toy", "1.0", entries.BUNDLED).path.is_relative_to(entries.BUNDLED)
    assert entries.snapshots(zoo="another") == []


def test_in_the_middle_of_a_swap_the_old_one_counts(root: Path) -> None:
    old = put(root, f".1.0{entries.OLD}")
    (entry,) = entries.snapshots()
    assert (entry.version, entry.path, entries.find("toy", "1.0").path) == ("1.0", old, old)
    new = put(root, "1.0")
    assert [entry.path for entry in entries.snapshots()] == [new]


def test_what_is_no_snapshot_is_none(root: Path) -> None:
    put(root, ".hidden")
    put(root, "1.0", zoo=".hidden")
    (root / "toy" / "2.0").mkdir()
    (root / "file").touch()
    assert entries.snapshots() == []


@pytest.mark.parametrize(
    ("zoo", "version", "words"),
    [("tor", None, "toy"), ("toy", "2", "gather toy==2"), ("..", "1.0", "no snapshot of a zoo '..'")],
)
def test_unknown_names_what_there_is(root: Path, zoo: str, version: str | None, words: str) -> None:
    put(root, "1.0")
    with pytest.raises(Refusal, match=words):
        entries.find(zoo, version)


def test_a_folder_that_cannot_be_read_is_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZOODIFF_HOME", "x" * 5000)
    with pytest.raises(Refusal, match="the folder of snapshots 'xxx"):
        entries.snapshots()
