"""Remember between runs what published networks measured and what was drawn of them, so that it is done once.

What is remembered holds for one state of the code, of the snapshots and of onnx: any other state has a file of its own.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from zoodiff import store
from zoodiff.measurement import Measurement
from zoodiff.reference import Inputs, Network

_CODE = Path(__file__).parent
Known = TypeVar("Known")


class Kept(Generic[Known]):
    """Values by name, in a file under the user's caches."""

    def __init__(self, folder: str, kind: type[dict[str, Known]], *suffixes: str) -> None:
        self._folder, self._kind, self._suffixes = folder, kind, suffixes
        self.more = False

    @cached_property
    def path(self) -> Path:
        """The file, of the state that things are in when it is first asked for."""
        return store.caches() / self._folder / f"{_state(*self._suffixes)}.msgpack"

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
            with store.whole(self.path) as staging:
                staging.write_bytes(msgspec.msgpack.encode(self.known))
            for old in self.path.parent.glob("*.msgpack"):
                if old != self.path:
                    old.unlink(missing_ok=True)
            self.more = False


class Memory(Kept[Measurement]):
    """Measurements by network and input size; without its file all is measured."""

    def __init__(self) -> None:
        super().__init__("measured", dict[str, Measurement])

    def get(self, network: Network, inputs: Inputs | None) -> Measurement | None:
        """What is remembered of a network at an input size."""
        return self.known.get(_key(network, inputs))

    def add(self, network: Network, inputs: Inputs | None, measurement: Measurement) -> None:
        """Remember a published network; files of the user's are measured each time."""
        if network.weights is not None and network.path is None:
            self.keep(_key(network, inputs), measurement)


class Drawings(Kept[dict[str, str]]):
    """Texts that take long to make, by name, each in several forms."""

    def __init__(self) -> None:
        super().__init__("drawn", dict[str, dict[str, str]], ".html")

    def get(self, name: str) -> dict[str, str] | None:
        """The forms of a drawing, by kind."""
        return self.known.get(name)

    def add(self, name: str, forms: dict[str, str]) -> None:
        """Remember a drawing."""
        self.keep(name, forms)


def _key(network: Network, inputs: Inputs | None) -> str:
    return f"{network.ref} {network.version} {sorted((inputs or {}).items())}"


def _state(*more: str) -> str:
    """A digest of all that a measurement depends on: by time and size of files, which is quick, not by content.

    `more`: suffixes of other files of the package that count.
    """
    snapshots = [file for entry in store.snapshots() for file in entry.path.iterdir() if file.is_file()]
    code = [file for file in _CODE.rglob("*") if file.suffix in (".py", ".toml", *more)]
    stated = [(str(file), file.stat().st_mtime_ns, file.stat().st_size) for file in sorted({*code, *snapshots})]
    return hashlib.sha256(repr((version("onnx"), stated)).encode()).hexdigest()[:24]
