"""Prove that a snapshot is what its zoo gives: gather again, and compare networks and records, not bytes."""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import prod
from pathlib import Path
from typing import Any

import msgspec

from zoodiff import disk
from zoodiff.gathering.gather import gather
from zoodiff.gathering.guests import DEFAULT, Limits
from zoodiff.gathering.step import Progress, lines
from zoodiff.readers.onnx import read_bytes
from zoodiff.reading import entries, store
from zoodiff.record import Constant, Graph, Model, Snapshot


def sample(names: Iterable[str], seed: str, count: int = 6) -> list[str]:
    """Choose `count` names by a seed (a commit's hash): the same seed gives the same ones, whatever the order."""
    return sorted(sorted(names, key=lambda name: hashlib.sha256(f"{seed}\n{name}".encode()).digest())[:count])


def recheck(
    zoo: str,
    version: str | None = None,
    only: Sequence[str] | None = None,
    progress: Progress = lines,
    limits: Limits = DEFAULT,
) -> list[str]:
    """Gather a zoo again (or `only` these models) and say, one line each, what is not as in the snapshot there is.

    With all models, those that are new or gone count too. No line: nothing differs.
    """
    old = store.load(zoo, version)
    with tempfile.TemporaryDirectory(prefix="zoodiff-") as folder:
        root = Path(folder)
        new = gather(zoo, version, only, root, progress, limits)
        if new.version != old.version:
            return [f"{zoo}: the snapshot is of version {old.version}, gathered was {new.version}"]
        return list(differences(old, new, only, root))


def stamp(zoo: str, today: str, root: Path = entries.BUNDLED) -> None:
    """State in a snapshot under `root` that on this day every model was gathered again, and nothing differed."""
    snapshot = store.load(zoo)
    checked = f"{today}: all {len(snapshot.models)} models gathered again from the lock, none differed"
    provenance = msgspec.structs.replace(snapshot.provenance, checked=checked)
    path = root / zoo / snapshot.version / entries.RECORDS
    with disk.writing(path), disk.whole(path) as staging:
        staging.write_bytes(store.encode(msgspec.structs.replace(snapshot, provenance=provenance)))


def differences(old: Snapshot, new: Snapshot, only: Sequence[str] | None, root: Path) -> Iterator[str]:
    """What differs between a snapshot and one gathered again under `root`: models, records and networks."""
    before, after = ({model.name: model for model in snapshot} for snapshot in (old, new))
    if old.provenance.lock != new.provenance.lock:
        yield f"{old.zoo}: the lock is another one than the snapshot was made from"
    for name in only if only is not None else sorted(before | after):
        if name not in before or name not in after:
            yield f"{name}: only in the {'new' if name in after else 'old'} snapshot"
            continue
        yield from (f"{name}: {words}" for words in _fields(before[name], after[name]))
        files = zip(_graphs(before[name]), _graphs(after[name]), strict=False)
        for first, second in dict.fromkeys(files):
            graphs = [
                read_bytes(store.skeleton(snapshot.zoo, snapshot.version, file, where), file)
                for snapshot, file, where in ((old, first, None), (new, second, root))
            ]
            yield from (f"{name}: {first}: {words}" for words in _networks(*graphs))


def _graphs(model: Model) -> list[str]:
    return [weights.graph for weights in model.weights if weights.graph is not None]


def _fields(old: Model, new: Model) -> Iterator[str]:
    """Which parts of the record differ, with both values."""
    for field in Model.__struct_fields__:
        before, after = getattr(old, field), getattr(new, field)
        if before != after:
            yield f"{field} was {msgspec.json.encode(before).decode()}, is {msgspec.json.encode(after).decode()}"


def _networks(old: Graph, new: Graph) -> Iterator[str]:
    """Whether two graphs are the same network; where not, how their counts differ."""
    if fingerprint(old) == fingerprint(new):
        return
    before, after = _counts(old), _counts(new)
    changed = [
        f"{what} {before[what]} -> {after[what]}" for what in sorted(before | after) if before[what] != after[what]
    ]
    yield "another network: " + (", ".join(changed) or "equal counts, other attributes, shapes or wiring")


def _counts(graph: Graph) -> Counter[str]:
    counts = Counter(node.op for node in graph.nodes)
    counts["parameters"] = sum(prod(constant.shape) for constant in graph.constants.values())
    return counts


# ---------------------------------------------------------------- fingerprints


def fingerprint(graph: Graph) -> str:
    """A sha256 of the network: operators, attributes, shapes and wiring. Names and the order of nodes do not count.

    Each tensor's hash is that of its operator, the operator's attributes and its inputs' hashes; the graph's is that
    of its outputs' hashes in order and of all operators' hashes as a multiset. Weights count by type and shape, and by
    value where the graph carries one.
    """
    return _graph(graph, {})


def _graph(graph: Graph, outer: Mapping[str, str]) -> str:
    known = {**outer, "": "absent"}
    for place, value in enumerate(graph.inputs):
        known[value.name] = _hash("input", place, value.dtype, value.shape)
    for name, constant in graph.constants.items():
        known[name] = _hash(*_constant(constant))
    nodes = []
    for node in graph.nodes:
        attributes = sorted((name, _attribute(value, known)) for name, value in node.attributes.items())
        own = _hash(node.domain, node.op, attributes, [known[name] for name in node.inputs])
        nodes.append(own)
        known.update({name: _hash(own, place, graph.shape(name)) for place, name in enumerate(node.outputs) if name})
    return _hash(graph.opset, [known[value.name] for value in graph.outputs], sorted(nodes))


def _attribute(value: Any, known: Mapping[str, str]) -> str:
    if isinstance(value, Graph):
        return _graph(value, known)
    if isinstance(value, Constant):
        return _hash(*_constant(value))
    if isinstance(value, tuple):
        return _hash([_attribute(part, known) for part in value])
    return _hash(type(value).__name__, value)


def _constant(constant: Constant) -> tuple[Any, ...]:
    data = None if constant.data is None else hashlib.sha256(constant.data.tobytes()).hexdigest()
    return ("constant", constant.dtype, tuple(constant.shape), data)


def _hash(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()


if __name__ == "__main__":
    import sys
    from datetime import UTC, datetime

    for name in sys.argv[1:]:
        found = recheck(name)
        print(*found or [f"{name}: nothing differs"], sep="\n")
        if found:
            sys.exit(1)
        stamp(name, datetime.now(UTC).date().isoformat())
