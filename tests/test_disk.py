"""Files on disk: read up to a limit, whole or not at all, one process at a time."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from zoodiff import disk
from zoodiff.fault import Refusal


def test_a_file_is_read_up_to_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "READ", 1000)
    path = tmp_path / "file"
    path.write_bytes(bytes(1000))
    assert disk.bounded(path) == bytes(1000)
    path.write_bytes(bytes(1001))
    with pytest.raises(ValueError, match="larger than 1,000 bytes"):
        disk.bounded(path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ValueError, match="no regular file"):
        disk.bounded(tmp_path / "pipe")
    with pytest.raises(FileNotFoundError):
        disk.bounded(tmp_path / "none")


@pytest.mark.parametrize(
    ("name", "plain"),
    [("resnet-50_v1.5+a.onnx", True), (".hidden", False), ("../a", False), ("a/b", False), ("", False)],
)
def test_plain_names_lead_nowhere(name: str, plain: bool) -> None:
    assert bool(disk.PLAIN.fullmatch(name)) is plain


@pytest.mark.parametrize(
    ("code", "hint"),
    [(errno.ENOSPC, "disk is full"), (errno.EROFS, "may not be written"), (errno.EIO, "What was there before")],
)
def test_what_a_disk_refuses_is_one_message(tmp_path: Path, code: int, hint: str) -> None:
    def refused() -> None:
        with disk.writing(tmp_path):
            raise OSError(code, os.strerror(code))

    with pytest.raises(Refusal, match="cannot write") as caught:
        refused()
    assert f"{tmp_path}: {os.strerror(code)}" in caught.value.message
    assert hint in caught.value.hint


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_text("old")
    (tmp_path / ".999999999.file.txt").write_text("what a killed writer left")

    def interrupted() -> None:
        with disk.whole(path) as staging:
            staging.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert [found.name for found in tmp_path.iterdir()] == ["file.txt"]
    assert path.read_text() == "old"
    with disk.whole(path) as staging:
        staging.write_text("new")
        assert path.read_text() == "old"
    assert [(found.name, found.read_text()) for found in tmp_path.iterdir()] == [("file.txt", "new")]


def test_a_lock_is_held_by_one_at_a_time_and_freed_by_death(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    lock = tmp_path / "lock"
    code = f"""
        import pathlib, time
        from zoodiff import disk
        with disk.locked(pathlib.Path({str(lock)!r})):
            print("held", flush=True)
            time.sleep(60)
    """
    with subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        killer = subprocess.Popen(["/bin/sh", "-c", f"sleep 0.5; kill -9 {holder.pid}"])
        began = time.monotonic()
        with disk.locked(lock, "another holds it; waiting"):
            assert time.monotonic() - began > 0.3
        killer.wait()
    assert "another holds it; waiting" in capfd.readouterr().err
