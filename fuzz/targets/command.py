"""The command line as a whole, in this process: a verb, its arguments and files that are changed."""

from __future__ import annotations

import contextlib
import io
import os
import re
import struct
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from random import Random

import mutate
from targets._models import small
from targets.pair import joined, split
from zoodiff import app

_COMMANDS = (
    "measure A", "measure A --json --by layer", "measure A B --by block", "measure A --input 1x3x8x8",
    "measure A --input x=2x3x9x9", "measure T", "measure A --input T", "measure A --by T",
    "diff A B", "diff A B --json", "diff A B --side-by-side", "diff A B --svg S --html H", "diff A B --input 1x3x8x8",
    "diff A B --json --strict", "diff T T", "identify A", "identify A --json",
    "conform A", "conform A --json --strict", "conform A --paper resnet-2015",
    "claims T", "claims T --json", "claims resnet50 --as-of T", "audit T", "audit --zoo T",
    "list T", "list models T --json", "explain T", "T", "T A",
)  # fmt: skip
_WORDS = (
    "resnet50", "keras:ResNet50", "models", "paper:resnet50-v1", "", "-", "--", "--help", "1x3", "0x0", "9" * 400,
    "a=b=c", "\x00", "é", "../..", "2022-05", "conv", "x" * 5000, "torchvision:", "timm:x", "@", "mac-gap", "onnx",
)  # fmt: skip


def seeds() -> list[bytes]:
    """Each command on some small models."""
    models = small()
    return [
        _made(number, 0, models[number * 7 % len(models)], models[number * 5 % len(models)])
        for number in range(len(_COMMANDS) * 8)
    ]


def _made(number: int, word: int, left: bytes, right: bytes) -> bytes:
    return struct.pack("<HH", number % len(_COMMANDS), word) + joined(left, right)


def change(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    """Another word, and models changed or not."""
    number, _ = struct.unpack_from("<HH", data)
    left, right = split(data[4:])
    models = small()
    left = mutate.mutated(random.choice((left, random.choice(models))), random, models)
    if random.random() < 0.5:
        right = left if random.random() < 0.2 else mutate.mutated(left, random, models)
    return _made(number, random.randrange(len(_WORDS)), left, right)


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="zoodiff-fuzz-"))
    os.environ |= {"ZOODIFF_HOME": str(folder / "home"), "ZOODIFF_CACHE": str(folder / "cache"), "COLUMNS": "100"}
    return folder


def run(data: bytes) -> None:
    """It ends with exit code 0, 1 or 2; an error is one on standard error and, with --json, one document."""
    number, word = struct.unpack_from("<HH", data)
    folder = _folder()
    for name, content in zip(("a.onnx", "b.onnx"), split(data[4:]), strict=True):
        (folder / name).write_bytes(content)
    given = {
        "A": folder / "a.onnx",
        "B": folder / "b.onnx",
        "S": folder / "s.svg",
        "H": folder / "h.html",
        "T": _WORDS[word],
    }
    arguments = [str(given.get(part, part)) for part in _COMMANDS[number].split()]
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = app.run(arguments)
    if code == 3:
        log = re.search(r"log is in (\S+);", err.getvalue())
        path = Path(log[1]) if log else None
        text = path.read_text() if path else err.getvalue()
        if path:
            path.unlink()
        raise AssertionError(text[-1500:])
    assert code in (0, 1, 2), (code, arguments)
    assert "Traceback" not in err.getvalue()
    if code == 2:
        assert err.getvalue().strip() or "--json" in arguments, arguments
