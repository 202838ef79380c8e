"""Passes, alignment and causes: two networks compared, one of them a changed form of the other or both changed."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from random import Random

import mutate
from targets._models import small
from targets.onnx import network
from zoodiff.comparison.difference import document
from zoodiff.comparison.diffing import diff
from zoodiff.fault import Refusal


def seeds() -> list[bytes]:
    """Small models, each beside itself."""
    return [joined(model, model) for model in small()]


def joined(left: bytes, right: bytes) -> bytes:
    """Two models in one input."""
    return struct.pack("<I", len(left)) + left + right


def split(data: bytes) -> tuple[bytes, bytes]:
    """The two models of an input."""
    (size,) = struct.unpack_from("<I", data)
    return data[4 : 4 + size], data[4 + size :]


def change(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    """One or both changed."""
    left, right = split(data)
    models = small()
    if random.random() < 0.5:
        left = mutate.mutated(left, random, models)
    return joined(left, mutate.mutated(right if random.random() < 0.8 else left, random, models))


def run(data: bytes) -> None:
    """Compared, and written as JSON that has no NaN."""
    left, right = split(data)
    try:
        found = diff(network(left), network(right))
    except Refusal:
        return
    json.dumps(document(found), allow_nan=False)
