"""What guests returned: the models' records and skeletons, checked as a stranger's."""

from __future__ import annotations

import errno
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from zoodiff import disk
from zoodiff.fault import Refusal
from zoodiff.isolate.guest import RECORD, place
from zoodiff.reading.read import read
from zoodiff.record import Model, Unmeasured


def records(root: Path, names: Sequence[str], lost: Mapping[str, str]) -> tuple[list[Model], dict[str, bytes]]:
    """Every model's record, from folders under `root`, and the skeletons by file name.

    Models in `lost`, and those whose records are not valid, have the reason instead. Raises OSError where a guest found
    the disk full.
    """
    models: list[Model] = []
    skeletons: dict[str, bytes] = {}
    for name in names:
        if name in lost:
            models.append(Model(name, graph_missing=Unmeasured(lost[name])))
            continue
        folder = place(root, name)
        try:
            model = decode(disk.bounded(folder / RECORD), name)
            own = {file: _skeleton(folder, file) for file in sorted({w.graph for w in model.weights if w.graph})}
            if shared := sorted(file for file in own if skeletons.get(file, own[file]) != own[file]):
                raise ValueError(f"{', '.join(shared)} is another model's graph too, and not the same")
        except (OSError, ValueError, RecursionError, Refusal) as error:
            models.append(Model(name, graph_missing=Unmeasured(f"its record is not valid: {error}")))
            continue
        if model.graph_missing and "No space left on device" in model.graph_missing.reason:
            raise OSError(errno.ENOSPC, model.graph_missing.reason)
        models.append(model)
        skeletons |= own
    return models, skeletons


def decode(data: bytes, name: str) -> Model:
    """Read the record that a zoo returned for the model `name`; what is wrong with it is a ValueError.

    A zoo need not say which of the two a `preprocessing` is: with a reason it is unmeasured.
    """
    raw = json.loads(data)
    if isinstance(raw, dict) and isinstance(raw.get("weights"), list):
        for weights in raw["weights"]:
            found = weights.get("preprocessing") if isinstance(weights, dict) else None
            if isinstance(found, dict):
                found.setdefault("type", "Unmeasured" if "reason" in found else "Preprocessing")
    model = msgspec.json.decode(json.dumps(raw).encode(), type=Model)
    if model.name != name:
        raise ValueError(f"it is of {model.name!r}")
    if not model.weights and model.graph_missing is None:
        raise ValueError("it has neither weights nor a reason why there is no graph")
    return model


def _skeleton(folder: Path, file: str) -> bytes:
    """The bytes of a skeleton that can be read as a graph."""
    if not disk.PLAIN.fullmatch(file):
        raise ValueError(f"its graph {file!r} is no plain file name")
    if not (folder / file).is_file():
        raise ValueError(f"its graph {file!r} was not written")
    read(folder / file)
    return disk.bounded(folder / file)
