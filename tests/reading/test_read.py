"""What is no model is named for what it is, and never opened further."""

from __future__ import annotations

import gzip
import io
import json
import lzma
import os
import pickle
import struct
import tarfile
import zipfile
import zlib
from collections import OrderedDict
from pathlib import Path

import numpy as np
import onnx
import pytest

from networks import network
from zoodiff.fault import Refusal
from zoodiff.reading.read import read


class Bomb:
    """A pickle that creates a file when it is opened."""

    def __reduce__(self) -> tuple[object, tuple[str, ...]]:
        return os.mkdir, ("opened",)


def archive(kind: str) -> bytes:
    out = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(out, "w") as file:
            file.writestr("data.pkl", pickle.dumps(1))
    else:
        with tarfile.open(fileobj=out, mode="w") as file:
            file.addfile(tarfile.TarInfo("model.onnx"), io.BytesIO())
    return out.getvalue()


def numpy_file() -> bytes:
    out = io.BytesIO()
    np.save(out, np.zeros(3))
    return out.getvalue()


def savez() -> bytes:
    out = io.BytesIO()
    np.savez(out, w=np.zeros(3))
    return out.getvalue()


SAFE = json.dumps({"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
FOREIGN = {
    "zip": (archive("zip"), "a zip archive"),
    "empty zip": (b"PK\x05\x06" + bytes(18), "an empty zip archive"),
    "pickle 0": (pickle.dumps(Bomb(), 0), "a Python pickle"),
    "pickle 1": (pickle.dumps(Bomb(), 1), "a Python pickle"),
    **{
        f"pickle {protocol} of {type(value).__name__}": (pickle.dumps(value, protocol), "a Python pickle")
        for protocol in range(6)
        for value in ({"w": 1}, [1.5, 2], (1, "a"), {}, [], np.zeros(3), OrderedDict(w=np.zeros(2)))
    },
    "torch": (pickle.dumps(0x1950A86A20F9469CFC6C, 2) + pickle.dumps(1001, 2), "a PyTorch checkpoint"),
    "joblib": (zlib.compress(pickle.dumps([1])), "as joblib writes pickles"),
    "zstandard": (b"\x28\xb5\x2f\xfd" + bytes(9), "a zstandard archive"),
    "7z": (b"7z\xbc\xaf\x27\x1c" + bytes(9), "a 7z archive"),
    "tensorrt": (b"ftrt" + bytes(9), "a TensorRT engine"),
    "npz": (savez(), "a zip archive"),
    "pickle 2": (pickle.dumps(Bomb(), 2), "a Python pickle"),
    "pickle 3": (pickle.dumps(Bomb(), 3), "a Python pickle"),
    "pickle 4": (pickle.dumps(Bomb(), 4), "a Python pickle"),
    "pickle 5": (pickle.dumps(Bomb(), 5), "a Python pickle"),
    "lfs": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n", "a Git LFS pointer"),
    "hdf5": (b"\x89HDF\r\n\x1a\n" + bytes(50), "an HDF5 file"),
    "gzip": (gzip.compress(b"x"), "a gzip archive"),
    "xz": (lzma.compress(b"x"), "an xz archive"),
    "bzip2": (__import__("bz2").compress(b"x"), "a bzip2 archive"),
    "tar": (archive("tar"), "a tar archive"),
    "tflite": (struct.pack("<I4s", 28, b"TFL3") + bytes(60), "a TensorFlow Lite model"),
    "ort": (struct.pack("<I4s", 36, b"ORTM") + bytes(60), "an onnxruntime model"),
    "gguf": (b"GGUF" + bytes(60), "a GGUF model"),
    "npy": (numpy_file(), "a NumPy array"),
    "safetensors": (struct.pack("<Q", len(SAFE)) + SAFE + bytes(4), "a safetensors file"),
    "html": (b"\n<!DOCTYPE html><html><title>404</title></html>", "a web page"),
    "html after a comment": (b"<!-- saved --><html></html>", "a web page"),
    "xml": (b'<?xml version="1.0"?><net name="x"/>', "a web page"),
    "json": (b'{"error": "not found"}', "a JSON text"),
    "text": (b"hello, world\n", "of no known format"),
    "noise": (bytes([255] * 64), "of no known format"),
}


@pytest.mark.parametrize(("data", "what"), FOREIGN.values(), ids=FOREIGN)
@pytest.mark.parametrize("name", ["model.onnx", "model"])
def test_foreign_files_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes, what: str, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(Refusal) as caught:
        read(path)
    assert what in caught.value.message
    assert repr(str(path)) in caught.value.message
    assert caught.value.hint
    assert not (tmp_path / "opened").exists()


def test_real_tflite_files_are_named(evidence: Path) -> None:
    for path in (evidence / "models").glob("*.tflite"):
        with pytest.raises(Refusal, match="a TensorFlow Lite model"):
            read(path)


def test_a_model_is_read_whatever_its_name(tmp_path: Path) -> None:
    path = tmp_path / "model.dat"
    onnx.save(network("net (float[1,4] x) => (float[] y) { y = Relu (x) }"), path)
    assert [node.op for node in read(path).nodes] == ["Relu"]


def test_what_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    for name, words in {
        "missing": "no file",
        "empty": "is empty",
        ".": "is a folder",
        "pipe": "no regular file",
        "loop": "loop",
        "x" * 300: "cannot read|no file",
    }.items():
        with pytest.raises(Refusal, match=words):
            read(tmp_path / name)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "secret.onnx"
    path.write_bytes(b"\x08\x08")
    path.chmod(0)
    with pytest.raises(Refusal, match="cannot read"):
        read(path)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_model_is_refused(tmp_path: Path, share: float) -> None:
    whole = network("net (float[1,3,8,8] x) => (float[] y) { y = Conv (x, w) }", data=True, w=(64, 3, 3, 3))
    data = whole.SerializeToString()
    path = tmp_path / "cut.onnx"
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(Refusal, match=r"not a readable ONNX file|holds no operators"):
        read(path)
