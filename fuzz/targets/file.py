"""Any file in place of a model: what it is called, and that no part of it is obeyed."""

from __future__ import annotations

import io
import json
import pickle
import struct
import zlib
from collections.abc import Sequence
from random import Random

import mutate
from targets._folder import fresh
from targets._models import small
from zoodiff.fault import Refusal
from zoodiff.reading import read
from zoodiff.validation import runner

_SUFFIXES = ("onnx", "pt", "pth", "h5", "keras", "tflite", "npz", "pb", "")


class Trap:
    """What runs code when it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        """How it is made again: by an error that no reader would raise."""
        return exec, ("raise SystemExit('a file was obeyed')",)


def seeds() -> list[bytes]:
    """Files of every kind that is known, and models; the first byte chooses the suffix."""
    import numpy as np

    packed = io.BytesIO()
    np.savez(packed, a=np.arange(3))
    head = json.dumps({"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
    kinds = [pickle.dumps({"a": Trap()}, protocol=protocol) for protocol in range(6)]
    kinds += [magic.rjust(offset + len(magic), b"\0") + bytes(64) for offset, magic, *_ in read._FOREIGN]
    kinds += [
        packed.getvalue(),
        struct.pack("<Q", len(head)) + head,
        zlib.compress(kinds[2]),
        b"<html>",
        b'{"a": 1}',
        b"x",
    ]
    kinds += small()[::40]
    return [bytes([at % len(_SUFFIXES)]) + kind for at, kind in enumerate(kinds * 2)]


def change(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    """Another suffix, and bytes; or the beginning of one file before another."""
    suffix, data = bytes([random.randrange(len(_SUFFIXES))]), data[1:]
    if random.random() < 0.2:
        data = data[: random.randrange(1, 40)] + random.choice(others)[1:]
    return suffix + mutate.flipped(data, random)


def run(data: bytes) -> None:
    """Read or refused, for measuring; a runner is found, or refused, for running."""
    path = fresh(f"file.{_SUFFIXES[data[0] % len(_SUFFIXES)]}")
    path.write_bytes(data[1:])
    for ask in (read.read, runner.of):
        said = ""
        try:
            ask(path)
        except Refusal as refusal:
            said = str(refusal)
        assert not said or "file" in said, said
