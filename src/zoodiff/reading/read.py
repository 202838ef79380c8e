"""Turn a model file into a Graph: find the reader that knows the format, or name the file for what it is."""

from __future__ import annotations

import errno
import re
from collections.abc import Mapping
from pathlib import Path

from zoodiff import unit
from zoodiff.fault import Refusal
from zoodiff.record import Graph

_FOREIGN: tuple[tuple[int, bytes, str, str], ...] = (
    *[
        (0, magic, "a zip archive", "PyTorch checkpoints (.pt), Keras (.keras) and NumPy (.npz) files are zips. {onnx}")
        for magic in (b"PK\x03\x04", b"PK\x07\x08")
    ],
    (0, b"PK\x05\x06", "an empty zip archive", "The download may have failed."),
    (0, b"version https://git-lfs", "a Git LFS pointer", "Fetch the file itself: git lfs pull"),
    (0, b"\x89HDF\r\n\x1a\n", "an HDF5 file (Keras weights)", "It may hold weights without a network. {onnx}"),
    (0, b"\x1f\x8b", "a gzip archive", "Unpack it first."),
    (0, b"\xfd7zXZ\x00", "an xz archive", "Unpack it first."),
    (0, b"BZh", "a bzip2 archive", "Unpack it first."),
    (0, b"\x28\xb5\x2f\xfd", "a zstandard archive", "Unpack it first."),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive", "Unpack it first."),
    (0, b"Rar!\x1a\x07", "a rar archive", "Unpack it first."),
    (257, b"ustar", "a tar archive", "Unpack it first."),
    (4, b"TFL3", "a TensorFlow Lite model", "This version reads ONNX. {onnx}"),
    (4, b"ORTM", "an onnxruntime model (.ort)", "This version reads ONNX: keep the .onnx file that it was made from."),
    (0, b"GGUF", "a GGUF model", "This version reads ONNX. {onnx}"),
    (0, b"ftrt", "a TensorRT engine", "It is made for one graphics card: keep the .onnx file that it was made from."),
    (0, b"\x93NUMPY", "a NumPy array", "It holds numbers, not a network."),
    (8, b'{"', "a safetensors file", "It holds weights without a network. {onnx}"),
)
_EXPORT = "Export the model to ONNX (for example torch.onnx.export) and give that file."
_HEAD = 512
_PICKLE = re.compile(
    rb"\x80[\x02-\x05]"  # PROTO, which the protocols 2 to 5 begin with
    rb"|\(?[ldt]p\d*\n|\([ldt]|[]})]q.|\(?c[\w.]+\n[\w.<>]+\n|\(i[\w.]+\n"  # 0 and 1: a container, or a global name
    rb"|\(K[^\x08\x12\x1a\x22\x32\x3a\x42\x72]"  # in an ONNX file with model_version first, one of these would follow
    rb"|\([IFSV][^\n\x00]*\n|[IFLSV][^\n\x00]+\n(p\d+\n)?\.",  # or a number or text
    re.DOTALL,
)
"""What pickles begin with (https://github.com/python/cpython/blob/main/Lib/pickletools.py); no ONNX file does."""
_TORCH = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19"
"""torch's old format: pickles one after the other, the first one a magic number."""
_JOBLIB = (b"x\x01", b"x\x5e", b"x\x9c", b"x\xda")


def read(path: Path, inputs: Mapping[str, tuple[int | None, ...]] | None = None) -> Graph:
    """Read any known model file; `inputs` as for the readers.

    Raises Refusal on a file that is missing, unreadable, empty, of a foreign format (named) or damaged.
    """
    first = head(path)
    foreign = named(first)
    if foreign:
        raise Refusal(f"{str(path)!r} is {foreign[0]}, not a model that can be read", foreign[1])
    for name in unit.ids("readers"):
        reader = unit.find("readers", name)
        if reader.sniff(first, path):
            graph: Graph = reader.read(path, inputs)
            return graph
    raise Refusal(
        f"{str(path)!r} is of no known format (it begins with {first[:8]!r})", f"{_EXPORT} See: zoodiff list readers"
    )


def head(path: Path) -> bytes:
    """A file's first bytes. Raises Refusal where it is missing, empty, unreadable or no regular file."""
    try:
        if path.is_dir():
            raise Refusal(f"{str(path)!r} is a folder", "Give the model file inside it.")
        if not path.is_file():
            raise Refusal(f"no file {str(path)!r}" if not path.exists() else f"{str(path)!r} is no regular file")
        with path.open("rb") as file:
            first = file.read(_HEAD)
    except OSError as error:
        reason = errno.errorcode.get(error.errno or 0, "")
        raise Refusal(f"cannot read {str(path)!r}: {error.strerror or error} {reason}".rstrip()) from None
    if not first:
        raise Refusal(f"{str(path)!r} is empty", "The download may have failed.")
    return first


def named(head: bytes) -> tuple[str, str] | None:
    """What a file of a format that is not read is, by its first bytes, and what to do instead; None: not known."""
    for offset, magic, what, hint in _FOREIGN:
        if head[offset : offset + len(magic)] == magic:
            return what, hint.format(onnx=_EXPORT)
    never = f"It is never opened: unpickling runs whatever code is in it. {_EXPORT}"
    if head.startswith(_TORCH):
        return "a PyTorch checkpoint, which is a Python pickle", never
    if _PICKLE.match(head):
        return "a Python pickle", never
    if head.startswith(_JOBLIB):
        return "a zlib stream, as joblib writes pickles", never
    text = head.lstrip().lower()
    if text.startswith((b"<!doctype", b"<!--", b"<html", b"<?xml", b"<head")):
        return "a web page (HTML or XML)", "The server sent a page in place of the file: check the link, or log in."
    if text.startswith((b"{", b"[")) and text[1:].lstrip()[:1] in (b'"', b"{", b"}", b"[", b"]"):
        return "a JSON text", f"It may be an error message from a server, or a model's configuration. {_EXPORT}"
    return None
