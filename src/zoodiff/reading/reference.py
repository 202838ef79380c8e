"""Find the network that a reference names: a published model in a snapshot, an origin paper's, or a file on disk."""

from __future__ import annotations

import mmap
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoodiff.fault import Refusal
from zoodiff.reading import entries, native, paper, store
from zoodiff.record import Model, Snapshot, Weights

if TYPE_CHECKING:
    from threading import Event

    import onnx

    from zoodiff.record import Graph

Inputs = Mapping[str, tuple[int | None, ...]]
LATER = ("timm", "hf", "https", "http")
"""Kinds of references whose names are taken and that this version does not know yet."""

PAPER = "paper"
_FORM = re.compile(r"(?P<zoo>[A-Za-z0-9_-]+):(?P<model>[^/@]+)(/(?P<weights>[^@]+))?(@(?P<version>.+))?")


@dataclass(frozen=True)
class Network:
    """What a reference names: the graph at any input size and, where a zoo publishes it, its record."""

    ref: str
    """the reference in full, with the weights that were chosen"""
    name: str
    zoo: str | None = None
    version: str | None = None
    record: Model | None = None
    weights: Weights | None = None
    path: Path | None = None
    proto: onnx.ModelProto | None = None

    @property
    def stand_in(self) -> str | None:
        """Reference of the network whose graph is used in this one's place; None where the graph is its own."""
        return self.record.stand_in if self.record and not _own_graph(self.weights) else None

    @property
    def architecture(self) -> str | None:
        """The canonical name that the published name, or the file's, means; None where no rule knows it."""
        from zoodiff.reading import names

        naming = names.canonical(self.zoo or "", self.name if self.path is None else self.path.stem)
        return None if naming.rule == names.LEFT_ALONE else naming.architecture

    @property
    def sha256(self) -> str | None:
        """Hash of the published file, where the zoo states it; for a file on disk see `hash_file`."""
        return self.weights.sha256 if self.weights else None

    @property
    def on_paper(self) -> bool:
        """Whether an origin paper describes it; then no exporter had a hand in it."""
        return self.ref.startswith(f"{PAPER}:")

    def about(self) -> dict[str, Any]:
        """What documents say of it: names, weights and the hash of its file (a file on disk is read for it)."""
        return {
            "ref": self.ref,
            "zoo": self.zoo,
            "version": self.version,
            "name": self.name,
            "architecture": self.architecture,
            "weights": self.weights.id if self.weights else None,
            "sha256": self.sha256 or (hash_file(self.path) if self.path else None),
            "stand_in": self.stand_in,
        }

    def graph(self, inputs: Inputs | None = None) -> Graph:
        """Read the graph, at the model's own input size or at another. Raises Refusal where there is none."""
        native.start()  # it gets ready while onnx is imported
        from zoodiff.readers import onnx as onnx_reader

        if self.proto is not None:
            return onnx_reader.from_proto(self.proto, self.ref, inputs)
        if self.path is not None:
            from zoodiff.reading.read import read

            return read(self.path, inputs)
        if self.weights is not None and self.weights.graph and self.zoo:
            data = store.skeleton(self.zoo, self.version, self.weights.graph)
            return onnx_reader.read_skeleton(data, self.ref, inputs)
        if self.record is not None and self.record.stand_in:
            return find(self.record.stand_in).graph(inputs)
        missing = self.record.graph_missing if self.record else None
        raise Refusal(f"there is no graph of {self.ref}: {missing.reason if missing else 'the zoo hands over none'}")

    def skeleton(self) -> onnx.ModelProto:
        """The network as its file has it, without weights. Raises Refusal where there is no file to read."""
        from zoodiff.readers.onnx import bare

        if self.proto is not None:
            return bare(self.proto.SerializeToString(), self.ref)
        if self.path is not None:
            with self.path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as buffer:
                return bare(buffer, self.ref)
        if self.weights is not None and self.weights.graph and self.zoo:
            return bare(store.skeleton(self.zoo, self.version, self.weights.graph), self.ref)
        if self.record is not None and self.record.stand_in:
            return find(self.record.stand_in).skeleton()
        raise Refusal(f"there is no graph of {self.ref}")


def _own_graph(weights: Weights | None) -> bool:
    return weights is not None and weights.graph is not None


def find(ref: str | Path | Network | onnx.ModelProto) -> Network:
    """Find what a reference names: `ZOO:MODEL[/WEIGHTS][@VERSION]`, `paper:NAME`, a model file, or an onnx.ModelProto.

    Without weights the zoo's default ones are taken. Raises Refusal on an unknown name, with the nearest ones.
    """
    if isinstance(ref, Network):
        return ref
    if isinstance(ref, Path):
        return Network(ref=str(ref), name=ref.name, path=ref)
    if not isinstance(ref, str):
        return Network(ref=ref.graph.name or "model", name=ref.graph.name or "model", proto=ref)
    if not ref.strip():
        raise Refusal(f"{ref!r} names no model", _FORMS)
    kind, colon, _ = ref.partition(":")
    if _is_there(Path(ref)) or os.sep in kind:
        return _file(ref)
    if colon and kind in LATER:
        raise Refusal(f"{ref!r}: references of the kind {kind!r} are not in this version", _FORMS)
    if kind == PAPER:
        return described(paper.blueprint(ref.removeprefix(f"{PAPER}:")))
    form = _FORM.fullmatch(ref)
    if form is None:
        return _file(ref)
    return _published(ref, form["zoo"], form["model"], form["weights"], form["version"])


_FORMS = (
    "A reference is ZOO:MODEL[/WEIGHTS][@VERSION] (see: zoodiff list models), paper:NAME (see: zoodiff list papers) "
    "or the path of a model file."
)


def described(blueprint: paper.Blueprint, size: int | None = None) -> Network:
    """The network that an origin paper describes, at an input of this height and width or at its own."""
    ref = f"{PAPER}:{blueprint.name}"
    return Network(ref, blueprint.name, proto=blueprint.build(size or blueprint.sizes[0]))


def _file(ref: str) -> Network:
    path = Path(ref)
    if _is_there(path) or path.suffix or os.sep in ref:
        return Network(ref=ref, name=path.name, path=path)
    near = nearest(ref, [f"{zoo}:{model.name}" for zoo in zoos() for model in snapshot(zoo)])
    raise Refusal(f"{ref!r} names no zoo, and there is no file of that name", f"{_meant(near)}{_FORMS}")


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # a name longer than names can be, or with a character that none can have
        return False


def _published(ref: str, zoo: str, name: str, weights: str | None, version: str | None) -> Network:
    if zoo not in zoos():
        raise Refusal(f"{ref!r}: there is no zoo {zoo!r}", f"{_meant(nearest(zoo, zoos()))}See: zoodiff list zoos")
    records = snapshot(zoo, version)
    model = next((m for m in records if m.name == name), None)
    if model is None:
        near = [f"{zoo}:{m}" for m in nearest(name, [m.name for m in records])]
        raise Refusal(f"{ref!r}: {zoo} has no model {name!r}", f"{_meant(near)}See: zoodiff list models {zoo}")
    chosen = model.chosen(weights)
    if weights is not None and chosen is None:
        known = ", ".join(w.id for w in model.weights) or "none"
        raise Refusal(f"{ref!r}: {zoo}:{name} has no weights {weights!r}", f"It has: {known}")
    return published(records, model, chosen, f"@{version}" if version else "")


def published(records: Snapshot, model: Model, weights: Weights | None, suffix: str = "") -> Network:
    """The network of a model in a snapshot, with these of its weights."""
    ref = f"{records.zoo}:{model.name}" + (f"/{weights.id}" if weights else "") + suffix
    return Network(ref, model.name, records.zoo, records.version, model, weights)


@cache
def zoos() -> tuple[str, ...]:
    """Ids of the zoos of which there is a snapshot."""
    return tuple(sorted({entry.zoo for entry in entries.snapshots()}))


@cache
def snapshot(zoo: str, version: str | None = None) -> Snapshot:
    """A zoo's records, read once per process; its highest version unless one is given."""
    return store.load(zoo, version)


def nearest(text: str, names: list[str] | tuple[str, ...], most: int = 4) -> list[str]:
    """The names most like a mistyped one, best first; those that are too far off are left out."""
    from rapidfuzz import fuzz, process, utils

    found = process.extract(
        text, names, scorer=fuzz.WRatio, processor=utils.default_process, limit=most, score_cutoff=60
    )
    return [name for name, _, _ in found]


def _meant(names: list[str]) -> str:
    return f"Did you mean {', '.join(names)}? " if names else ""


def hash_file(path: Path, given_up: Event | None = None) -> str:
    """SHA-256 of a file, in bounded memory.

    `given_up` is set by whoever does not want it any more: then what is returned is nothing's.
    It is looked at in large pieces, since after each the thread waits for its turn beside a busy one.
    """
    import hashlib

    digest = hashlib.sha256()
    if not path.stat().st_size:  # an empty file cannot be mapped
        return digest.hexdigest()
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        for start in range(0, len(mapped), _PIECE):
            if given_up is not None and given_up.is_set():
                break
            stop = min(start + _PIECE, len(mapped))
            with memoryview(mapped) as whole, whole[start:stop] as piece:
                digest.update(piece)
            if hasattr(mmap, "MADV_DONTNEED"):  # what has been looked at need not stay in memory
                mapped.madvise(mmap.MADV_DONTNEED, start, stop - start)
    return digest.hexdigest()


_PIECE = 12 << 20
"""Bytes, a whole number of pages: what stays in memory, and after which a thread waits for its turn."""
