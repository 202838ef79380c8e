"""Make a collection of so many models: the bundled ones, and copies of them under other zoos' names.

Usage: python bench/peers/snapshots.py FOLDER MODELS   Prints the zoos' names, one a line.
FOLDER then serves as ZOODIFF_HOME.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path

import msgspec

from zoodiff.reading import entries, store
from zoodiff.record import Model, Snapshot


def made(folder: Path, models: int) -> list[str]:
    """Write the snapshots; returns the names of the zoos that hold these models."""
    bundled = {entry.zoo: entry for entry in entries.snapshots(entries.BUNDLED)}
    records = {zoo: store.load(zoo, entry.version) for zoo, entry in bundled.items()}
    parts: dict[tuple[int, str], list[Model]] = {}
    for copy, zoo, model in islice(drawn(records), models):
        parts.setdefault((copy, zoo), []).append(model)
    names = []
    for (copy, zoo), found in parts.items():
        name = f"{zoo}-{copy}"
        target = folder / "snapshots" / name / records[zoo].version
        target.mkdir(parents=True)
        whole = msgspec.structs.replace(records[zoo], zoo=name, models=tuple(found))
        (target / entries.RECORDS).write_bytes(store.encode(whole))
        shutil.copy(bundled[zoo].path / store.SKELETONS, target)
        names.append(name)
    return names


def drawn(records: dict[str, Snapshot]) -> Iterator[tuple[int, str, Model]]:
    """The number of the copy, a zoo and a model, without end: in turn of each zoo, then all again as other zoos.

    Models are taken evenly from a zoo's list, since neighbours in it are of one family.
    """
    spread = [
        (place / len(snapshot.models), zoo, model)
        for zoo, snapshot in records.items()
        for place, model in enumerate(sorted(snapshot.models, key=lambda model: hash_of(model.name)))
    ]
    in_turn = sorted(spread, key=lambda one: (one[0], one[1]))
    for copy in count(1):
        for _, zoo, model in in_turn:
            yield copy, zoo, model


def hash_of(name: str) -> int:
    """An order of names that has nothing to do with what they mean, and is the same everywhere."""
    import zlib

    return zlib.crc32(name.encode())


if __name__ == "__main__":
    print(*made(Path(sys.argv[1]), int(sys.argv[2])), sep="\n")
