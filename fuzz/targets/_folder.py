"""A folder for the inputs of a target that are files."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path


@cache
def folder() -> Path:
    """Made once in a process."""
    path = Path(tempfile.mkdtemp(prefix="zoodiff-fuzz-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


def fresh(name: str) -> Path:
    """A place in it where nothing is."""
    path = folder() / name
    shutil.rmtree(path, ignore_errors=True)
    path.unlink(missing_ok=True)
    return path


def joined(parts: dict[str, bytes]) -> bytes:
    """Several files in one input: name, size and bytes, one after the other."""
    return b"".join(
        len(name.encode()).to_bytes(1) + name.encode() + len(data).to_bytes(4) + data for name, data in parts.items()
    )


def parts(data: bytes) -> dict[str, bytes]:
    """The files of an input; one that ends too early is cut off."""
    found: dict[str, bytes] = {}
    at = 0
    while at < len(data):
        length = data[at]
        name = data[at + 1 : at + 1 + length].decode(errors="replace")
        at += 1 + length
        size = int.from_bytes(data[at : at + 4])
        found[name] = data[at + 4 : at + 4 + size]
        at += 4 + size
    return found
