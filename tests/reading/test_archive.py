"""Archives: what goes in comes out; what is broken, too large or no plain file is refused."""

from __future__ import annotations

import io
import lzma
import tarfile

import pytest

from zoodiff.reading import archive

FILES = {"a.onnx": b"first" * 1000, "b.onnx": b"second"}


def tar(files: dict[str, bytes], kind: bytes = tarfile.REGTYPE) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:xz") as made:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.type, member.size = kind, len(data)
            made.addfile(member, io.BytesIO(data))
    return out.getvalue()


def test_what_is_packed_is_unpacked() -> None:
    unpacked, index = archive.unpack(archive.pack(FILES))
    assert {name: unpacked[place] for name, place in index.items()} == FILES
    assert archive.unpack(archive.pack({}))[1] == {}


def bomb() -> bytes:
    packer = lzma.LZMACompressor()
    return b"".join([*(packer.compress(bytes(1 << 20)) for _ in range(3)), packer.flush()])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"not xz", "format"),
        (lzma.compress(b"not tar" * 1000), "header"),
        (lzma.compress(tar(FILES)), "header"),
        (tar(FILES)[:-20], "cut off"),
        (tar({"../a.onnx": b"x"}), "no plain file"),
        (tar({"/a.onnx": b"x"}), "no plain file"),
        (tar({"a.onnx": b""}, tarfile.SYMTYPE), "no plain file"),
        (tar({f"{n}.onnx": b"" for n in range(12)}), "more than 10 files"),
        (bomb(), "more than 2,097,152 bytes"),
    ],
    ids=["not xz", "not tar", "packed twice", "cut off", "escape", "absolute", "link", "many", "bomb"],
)
def test_broken_and_hostile_archives_are_refused(monkeypatch: pytest.MonkeyPatch, data: bytes, words: str) -> None:
    monkeypatch.setattr(archive, "MEMBERS", 10)
    monkeypatch.setattr(archive, "UNPACKED", 2 << 20)
    # lzma needs its window in memory, which the small limit above would refuse too
    real = lzma.LZMADecompressor
    monkeypatch.setattr(lzma, "LZMADecompressor", lambda **_: real(memlimit=1 << 30))
    with pytest.raises(ValueError, match=words):
        archive.unpack(data)
