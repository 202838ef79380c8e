"""Snapshots on disk: what goes in comes out, whatever happens in between."""

from __future__ import annotations

import errno
import json
import lzma
import os
import signal
import subprocess
import sys
import tarfile
import textwrap
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from zoodiff import disk
from zoodiff.fault import Refusal
from zoodiff.reading import entries, store
from zoodiff.record import Claim, Model, Provenance, Snapshot, Source, Unmeasured, Weights

FILES = {"a.onnx": b"first" * 1000, "b.onnx": b"second"}


def snapshot(version: str = "1.0", zoo: str = "toy", note: str = "") -> Snapshot:
    source = Source("owner/name", "README.md", "0" * 40, 7)
    claim = Claim("a", "acc@1", Decimal("76.130"), "23.870", source, kind="error")
    models = (
        Model("b", (Weights("w", "b.onnx"),), note=note),
        Model("a", (Weights("w", "a.onnx", default=True),), claims=(claim,)),
        Model("c", graph_missing=Unmeasured("it cannot be built")),
    )
    provenance = Provenance("2026-01-02", "3.11.7", "Linux", {"z": "1", "a": "2"}, "f" * 64, "0.1.0")
    return Snapshot(store.FORMAT, zoo, version, "2026-01-02", models, provenance)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's root, empty; the bundled one is empty too."""
    monkeypatch.setenv("ZOODIFF_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(entries, "BUNDLED", tmp_path / "bundled")
    return tmp_path / "home" / "snapshots"


def test_what_is_written_is_read(root: Path) -> None:
    folder = store.write(snapshot(), FILES)
    assert folder == root / "toy" / "1.0"
    read = store.load("toy")
    assert [model.name for model in read] == ["a", "b", "c"]
    assert read == msgspec.structs.replace(snapshot(), models=read.models)
    assert set(read.models) == set(snapshot().models)
    assert read.models[0].claims[0].value == Decimal("76.130")
    assert str(read.models[0].claims[0].value) == "76.130"
    assert {name: store.skeleton("toy", None, name) for name in FILES} == FILES


def test_json_is_for_reading_and_comparing(root: Path) -> None:
    text = (store.write(snapshot(), FILES) / entries.RECORDS).read_text()
    raw = json.loads(text)
    assert next(iter(raw)) == "format"
    assert raw["format"] == 1
    assert raw["models"][0]["claims"][0]["value"] == "76.130"
    assert list(raw["provenance"]["packages"]) == ["a", "z"]
    assert max(len(line) for line in text.splitlines()) < 120
    assert text.endswith("}\n")


def test_same_records_same_bytes(root: Path, tmp_path: Path) -> None:
    first = store.write(snapshot(), FILES)
    second = store.write(snapshot(), dict(reversed(FILES.items())), tmp_path / "elsewhere")
    for name in (entries.RECORDS, store.SKELETONS):
        assert (first / name).read_bytes() == (second / name).read_bytes()
    with tarfile.open(first / store.SKELETONS) as tar:
        members = tar.getmembers()
    assert [(m.name, m.mtime, m.uid, m.uname) for m in members] == [("a.onnx", 0, 0, ""), ("b.onnx", 0, 0, "")]


def test_highest_version_is_the_default(root: Path) -> None:
    for version in ("0.9.0", "0.10.0", "0.10.0rc1", "somewhen"):
        store.write(snapshot(version), FILES)
    assert [entry.version for entry in entries.snapshots()] == ["somewhen", "0.9.0", "0.10.0rc1", "0.10.0"]
    assert store.load("toy").version == "0.10.0"
    assert store.load("toy", "0.9.0").version == "0.9.0"


def test_users_root_wins_over_the_bundled(root: Path) -> None:
    store.write(snapshot(note="bundled"), FILES, entries.BUNDLED)
    store.write(snapshot("0.5", note="bundled"), FILES, entries.BUNDLED)
    store.write(snapshot(note="mine"), FILES)
    assert [(entry.version, entry.path.parents[1]) for entry in entries.snapshots()] == [
        ("0.5", entries.BUNDLED),
        ("1.0", root),
    ]
    assert store.load("toy", "1.0").models[1].note == "mine"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda raw: raw.update(format=2), "newer than format 1.*update zoodiff"),
        (lambda raw: raw.update(format=0), "older than format 1.*gather the zoo again"),
        (lambda raw: raw.update(format="one"), "format"),
        (lambda raw: raw.pop("models"), "models"),
        (lambda raw: raw["models"][0]["claims"][0].update(value="many"), r"models\[0\]\.claims\[0\]\.value"),
    ],
)
def test_other_formats_and_broken_records_are_refused(
    root: Path, change: Callable[[dict[str, object]], None], words: str
) -> None:
    path = store.write(snapshot(), FILES) / entries.RECORDS
    raw = json.loads(path.read_text())
    change(raw)
    path.write_text(json.dumps(raw))
    with pytest.raises(Refusal, match=words) as refusal:
        store.load("toy")
    assert str(path) in refusal.value.message
    assert "zoodiff gather toy==1.0" in refusal.value.hint


def test_truncated_records_are_refused(root: Path) -> None:
    path = store.write(snapshot(), FILES) / entries.RECORDS
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(Refusal, match="truncated"):
        store.load("toy")


@pytest.mark.parametrize(("data", "words"), [(b"not xz", "format"), (b"", "cut off")])
def test_broken_archives_are_refused(root: Path, data: bytes, words: str) -> None:
    path = store.write(snapshot(), FILES) / store.SKELETONS
    path.write_bytes(data)
    with pytest.raises(Refusal, match=words) as refusal:
        store.skeleton("toy", "1.0", "a.onnx")
    assert str(path) in refusal.value.message
    assert "zoodiff gather toy==1.0" in refusal.value.hint


def test_missing_skeleton_is_refused(root: Path) -> None:
    path = store.write(snapshot(), FILES) / store.SKELETONS
    with pytest.raises(Refusal, match=r"holds no 'z.onnx'"):
        store.skeleton("toy", "1.0", "z.onnx")
    path.unlink()
    with pytest.raises(Refusal, match="No such file"):
        store.skeleton("toy", "1.0", "a.onnx")


def test_archive_is_unpacked_once_and_again_when_replaced(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store.write(snapshot(), FILES)
    unpacked = []
    real = lzma.LZMADecompressor
    monkeypatch.setattr(lzma, "LZMADecompressor", lambda **limits: unpacked.append(1) or real(**limits))
    for name in FILES:
        store.skeleton("toy", "1.0", name)
    assert len(unpacked) == 1
    store.write(snapshot(), {**FILES, "a.onnx": b"another"})
    assert store.skeleton("toy", "1.0", "a.onnx") == b"another"


def test_a_graph_without_a_skeleton_is_not_written(root: Path) -> None:
    with pytest.raises(ValueError, match=r"b\.onnx"):
        store.write(snapshot(), {"a.onnx": b""})
    with pytest.raises(ValueError, match="no plain file name"):
        store.write(snapshot(zoo="../toy"), FILES)
    assert entries.snapshots() == []


@pytest.mark.parametrize(("code", "words"), [(errno.ENOSPC, "disk is full"), (errno.EROFS, "may not be written")])
def test_a_disk_that_refuses_leaves_the_old(root: Path, monkeypatch: pytest.MonkeyPatch, code: int, words: str) -> None:
    folder = store.write(snapshot(note="old"), FILES)

    def refuse(path: Path, _: bytes) -> int:
        raise OSError(code, os.strerror(code), str(path))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", refuse)
        with pytest.raises(Refusal, match=words) as refusal:
            store.write(snapshot(note="new"), FILES)
    assert str(folder) in refusal.value.message
    assert store.load("toy").models[1].note == "old"
    assert not list(folder.parent.glob(".staging*"))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
@pytest.mark.parametrize("step", ["rename", "rmtree", "encode", "write_bytes"])
def test_ended_at_any_step_leaves_the_old_or_the_new(root: Path, step: str, number: signal.Signals) -> None:
    """A child kills itself, or presses Ctrl-C, at its n-th call of a step, for every n there is.

    Then a reader, then another writer. Ctrl-C also leaves nothing that was being written.
    """
    for count in range(1, 4):
        store.write(snapshot(note="old"), FILES)
        code = f"""
            import os, signal, pathlib, shutil, sys
            sys.path[:0] = {[str(folder) for folder in Path(__file__).parents[:2]]}
            import test_store
            from zoodiff.reading import store
            seen = 0
            def wrap(real):
                def call(*args, **kwargs):
                    global seen
                    seen += 1
                    if seen == {count}:
                        os.kill(os.getpid(), {int(number)})
                    return real(*args, **kwargs)
                return call
            if {step!r} in ("rename", "write_bytes"):
                setattr(pathlib.Path, {step!r}, wrap(getattr(pathlib.Path, {step!r})))
            elif {step!r} == "rmtree":
                shutil.rmtree = wrap(shutil.rmtree)
            else:
                store.encode = wrap(store.encode)
            store.write(test_store.snapshot(note="new"), {{"a.onnx": b"new", "b.onnx": b"new"}})
        """
        done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=False, stderr=subprocess.DEVNULL)
        assert done.returncode in (0, -number)
        if number is signal.SIGINT:
            assert {path.name for path in (root / "toy").iterdir()} == {".lock", "1.0"}
        note = store.load("toy").models[1].note
        assert store.skeleton("toy", None, "a.onnx") == (b"new" if note == "new" else FILES["a.onnx"])
        assert [entry.version for entry in entries.snapshots()] == ["1.0"]
        if count == 1:
            assert done.returncode == -number
        store.write(snapshot(note="third"), FILES)
        assert store.load("toy").models[1].note == "third"
        assert {path.name for path in (root / "toy").iterdir()} == {".lock", "1.0"}


def damaged(root: Path, records: Callable[[bytes], bytes]) -> str:
    """What is said of a snapshot whose records have been changed."""
    path = store.write(snapshot(), FILES) / entries.RECORDS
    path.write_bytes(records(path.read_bytes()))
    with pytest.raises(Refusal) as refusal:
        store.load("toy")
    assert "Make it again with: zoodiff gather toy==1.0" in refusal.value.hint
    return refusal.value.message


def test_records_that_are_not_what_they_should_be(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "it is of keras 1.0" in damaged(root, lambda data: data.replace(b'"toy"', b'"keras"', 1))
    assert "recursion" in damaged(root, lambda data: b'{"x":' + b"[" * 200_000 + b"]" * 200_000 + b"," + data[1:])
    assert "Expected" in damaged(root, lambda data: data.replace(b'"models":', b'"models": 7, "more":', 1))
    monkeypatch.setattr(disk, "READ", 5000)
    assert "larger than 5,000 bytes" in damaged(root, lambda data: data + b" " * 5000)


def test_an_archive_that_is_gone(root: Path) -> None:
    (store.write(snapshot(), FILES) / store.SKELETONS).unlink()
    with pytest.raises(Refusal, match="No such file"):
        store.packed(entries.snapshots(root)[0])
