"""Names of models, references, and what users type."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from random import Random

import mutate
from zoodiff.fault import Refusal
from zoodiff.reading import entries, names, reference, store

_ZOOS = ("", "onnx", "keras", "torchvision", "gluon", "tfmg")
_PIECES = (
    "resnet",
    "v1",
    "-",
    "_",
    "@224",
    "int8",
    "50",
    "x",
    ".",
    "qdq",
    "(",
    ")",
    "mobilenet",
    "9" * 30,
    "9" * 5000,
    "\n",
    "İ",
    "٣",
    "²",
)


def seeds() -> list[bytes]:
    """The names of all bundled models."""
    return [
        f"{entry.zoo}:{model.name}".encode()
        for entry in entries.snapshots()
        for model in store.load(entry.zoo, entry.version)
    ]


def change(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    """Letters and pieces put in, and bytes."""
    if random.random() < 0.3:
        return mutate.flipped(data, random)[:6000]
    text = data.decode(errors="replace")
    for _ in range(random.randrange(1, 5)):
        at = random.randrange(len(text) + 1)
        text = text[:at] + random.choice(_PIECES) * random.choice((1, 1, 1, 3, 40)) + text[at + random.randrange(3) :]
    return text[:6000].encode(errors="replace")


def run(data: bytes) -> None:
    """Every zoo's reading of it; and as a reference."""
    text = data.decode(errors="replace")
    for zoo in _ZOOS:
        naming = names.canonical.__wrapped__(zoo, text)
        assert naming.architecture or not text
    with contextlib.suppress(Refusal):
        names.resolve(text, ("resnet50-v1", "resnet50-v2", "mobilenet-v2"))
    with contextlib.suppress(Refusal):
        reference.find(text)
