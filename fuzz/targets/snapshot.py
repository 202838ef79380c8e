"""Snapshots: their records, and their archives."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from random import Random

import mutate
from targets.claims import change as change_record
from zoodiff.fault import Refusal
from zoodiff.reading import archive, entries, store
from zoodiff.record import Model, Provenance, Snapshot, Weights

_FILES = {"a.onnx": b"\x08\x08" * 50, "b.onnx": b"\x12\x01x" * 30}


def seeds() -> list[bytes]:
    """The records, marked with J, and the archive, marked with X, of a small snapshot."""
    models = tuple(Model(name, weights=(Weights("w", graph=f"{name}.onnx"),)) for name in "ab")
    made = Provenance(gathered="2026-01-01", python="3", platform="p", packages={"a": "1"}, lock="", tool="zoodiff")
    whole = Snapshot(store.FORMAT, "toy", "1.0", "2026-01-01", models, made)
    return [b"J" + store.encode(whole), b"X" + archive.pack(_FILES)]


def change(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    """Records by their fields, archives by their bytes."""
    if data[:1] == b"J" and random.random() < 0.7:
        return b"J" + change_record(data[1:], random, ())
    return data[:1] + mutate.flipped(data[1:], random)


@cache
def _home() -> Path:
    home = Path(tempfile.mkdtemp(prefix="zoodiff-fuzz-"))
    os.environ["ZOODIFF_HOME"] = str(home)
    folder = home / "snapshots" / "toy" / "1.0"
    folder.mkdir(parents=True)
    for mark, name in (("J", entries.RECORDS), ("X", store.SKELETONS)):
        (folder / name).write_bytes(next(seed[1:] for seed in seeds() if seed[:1] == mark.encode()))
    return folder


def run(data: bytes) -> None:
    """Loaded or refused; every graph that a record names is there or refused."""
    name = entries.RECORDS if data[:1] == b"J" else store.SKELETONS
    path = _home() / name
    before = path.read_bytes()
    path.write_bytes(data[1:])
    try:
        for model in store.load("toy", "1.0"):
            for weights in model.weights:
                if weights.graph:
                    store.skeleton("toy", "1.0", weights.graph)
    except Refusal:
        pass
    finally:
        path.write_bytes(before)
