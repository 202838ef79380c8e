"""Remember between runs what published graphs measured and what was drawn of them, so that it is done once.

What is remembered holds for one state of the code and of onnx: any other state has a file of its own. What is told of a
graph alone goes by its bytes, whatever zoos and models have it; all else holds for one state of the snapshots, too.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from zoodiff import disk, places
from zoodiff.fault import Refusal
from zoodiff.measuring.measurement import Measurement, named
from zoodiff.reading import entries, store
from zoodiff.reading.reference import Inputs, Network, find

_CODE = Path(__file__).parents[1]
Known = TypeVar("Known")


class Kept(Generic[Known]):
    """Values by name, in a file under the user's caches.

    `of_snapshots`: whether they depend on what snapshots there are; `suffixes`: on what other files of the package.
    """

    def __init__(self, folder: str, kind: type[dict[str, Known]], *suffixes: str, of_snapshots: bool = False) -> None:
        self._folder, self._kind, self._suffixes, self._of_snapshots = folder, kind, suffixes, of_snapshots
        self.more = False

    @cached_property
    def path(self) -> Path:
        """The file, of the state that things are in when it is first asked for."""
        return places.caches() / self._folder / f"{_state(*self._suffixes, of_snapshots=self._of_snapshots)}.msgpack"

    @cached_property
    def known(self) -> dict[str, Known]:
        """What is remembered; nothing where there is no file, or a damaged one: it is made again."""
        with suppress(OSError, msgspec.DecodeError, RecursionError):
            return msgspec.msgpack.decode(self.path.read_bytes(), type=self._kind)
        return {}

    def keep(self, name: str, value: Known) -> None:
        """Remember a value until `save`."""
        self.known[name] = value
        self.more = True

    def save(self) -> None:
        """Write what is new, in place of what other states left; a folder that cannot be written is left alone."""
        if not self.more:
            return
        with suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with disk.whole(self.path) as staging:
                staging.write_bytes(msgspec.msgpack.encode(self.known))
            for old in self.path.parent.glob("*.msgpack"):
                if old != self.path:
                    old.unlink(missing_ok=True)
            self.more = False


class Memory(Kept[Measurement]):
    """Measurements by graph and input size; without its file all is measured."""

    def __init__(self) -> None:
        super().__init__("measured", dict[str, Measurement])

    def get(self, network: Network, inputs: Inputs | None) -> Measurement | None:
        """What is remembered of a network's graph at an input size."""
        found = self.known.get(self.key(network, inputs))
        return None if found is None else named(found, network)

    def add(self, network: Network, inputs: Inputs | None, measurement: Measurement) -> None:
        """Remember what a published graph measures; files of the user's are measured each time."""
        if key := self.key(network, inputs):
            self.keep(key, measurement)

    def key(self, network: Network, inputs: Inputs | None) -> str:
        """Equal where there is one measurement for several networks; empty where there is no published graph."""
        try:
            graph = content(find(network.stand_in) if network.stand_in else network)
        except Refusal:
            return ""
        return f"{graph} {sorted((inputs or {}).items())}" if graph else ""

    def save(self) -> None:
        """Write what is new, also of what graphs there are."""
        super().save()
        contents(places.caches()).save()


def content(network: Network) -> str | None:
    """SHA-256 of a published network's graph: its own, no stand-in's. None where there is none, or none to be read."""
    if network.zoo is None or network.weights is None or network.weights.graph is None:
        return None
    return _hashes(places.caches(), places.home(), network.zoo, network.version).get(network.weights.graph)


@cache
def contents(_caches: Path) -> Kept[dict[str, str]]:
    """The SHA-256 of each graph of a snapshot, by that of its archive."""
    return Kept("contents", dict[str, dict[str, str]])


@cache
def _hashes(caches: Path, _home: Path, zoo: str, version: str | None) -> dict[str, str]:
    kept = contents(caches)
    try:
        entry = entries.find(zoo, version)
        digest = store.digest(entry)
        if digest not in kept.known:
            kept.keep(digest, store.hashes(entry))
    except Refusal:  # why, is said where it is measured
        return {}
    return kept.known[digest]


class Drawings(Kept[dict[str, str]]):
    """Texts that take long to make, by name, each in several forms."""

    def __init__(self) -> None:
        super().__init__("drawn", dict[str, dict[str, str]], ".html", of_snapshots=True)

    def get(self, name: str) -> dict[str, str] | None:
        """The forms of a drawing, by kind."""
        return self.known.get(name)

    def add(self, name: str, forms: dict[str, str]) -> None:
        """Remember a drawing."""
        self.keep(name, forms)


def _state(*more: str, of_snapshots: bool = False) -> str:
    """A digest of all that what is remembered depends on: by time and size of files, which is quick, not by content.

    `more`: suffixes of other files of the package that count.
    """
    files = [file for file in _CODE.rglob("*") if file.suffix in (".py", ".toml", *more)]
    if of_snapshots:
        files += [file for entry in entries.snapshots() for file in entry.path.iterdir() if file.is_file()]
    stated = [(str(file), file.stat().st_mtime_ns, file.stat().st_size) for file in sorted(set(files))]
    return hashlib.sha256(repr((version("onnx"), stated)).encode()).hexdigest()[:24]
