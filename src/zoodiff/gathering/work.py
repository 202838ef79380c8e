"""The folder of a gather: what guests see of zoodiff, and the models that are done, which outlast a killed gather."""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec

from zoodiff import child, disk, places
from zoodiff.fault import Refusal
from zoodiff.isolate import guest, isolate
from zoodiff.isolate.declare import Zoo
from zoodiff.isolate.guest import ERROR, RECORD, place
from zoodiff.isolate.isolate import Environment

_NAMES_SECONDS = 600.0


class Here(msgspec.Struct):
    """What a guest says of its environment and its zoo."""

    names: list[str]
    batch: int
    python: str
    platform: str
    packages: dict[str, str]
    network: str = ""


class Work:
    """The folder of a gather: what guests see of zoodiff, and the models that are done.

    Its name depends on the environment and on every file that the zoo's code may read, so that an interrupted gather
    goes on only where it would do the same again.
    """

    def __init__(self, zoo: Zoo, environment: Environment) -> None:
        self.zoo, self.environment = zoo, environment
        self.folder = places.caches() / "work" / f"{environment.key}-{_digest(zoo)}"
        self.models, self.home, self.runs = self.folder / "models", self.folder / "home", self.folder / "run"
        self.logs = places.caches() / "logs" / f"gather-{zoo}"
        self.here = Here([], 1, "", "", {})

    def prepare(self) -> None:
        """Lay everything out afresh, but for the models that are done."""
        for folder in (self.home, self.runs, self.logs):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        self.models.mkdir(parents=True, exist_ok=True)
        for folder in self.models.iterdir():
            if not (folder / RECORD).is_file() or (folder / ERROR).is_file():
                shutil.rmtree(folder)
        self.file = isolate.stage(self.zoo, self.runs)

    def ask(self) -> list[str]:
        """The names of every model that the zoo ships; what a guest says of its environment is kept."""
        log = self.logs / "names.log"
        command = isolate.guest(self.environment.python, self.file, self.folder, "names")
        code = child.run(command, self.guest_environment(), self.runs, log, _NAMES_SECONDS)
        if code != 0:
            raise Refusal(
                f"{self.zoo} could not say which models it has: {child.ended(code)}",
                f"The last lines of {log}:\n{child.tail(log)}",
            )
        try:
            self.here = msgspec.json.decode(disk.bounded(self.folder / "names.json"), type=Here)
        except (OSError, ValueError, RecursionError) as error:  # msgspec's errors are ValueErrors
            raise Refusal(f"{self.zoo} could not say which models it has: {error}", "Its file is at fault.") from None
        folders = {name: place(self.models, name).name for name in self.here.names}
        if strange := [
            name for name, folder in folders.items() if not name.isprintable() or not 0 < len(folder) <= 200
        ]:
            raise Refusal(
                f"{self.zoo} names a model {strange[0]!r}", "A name is a printable text of at most 200 bytes."
            )
        if twice := [name for name, count in Counter(self.here.names).items() if count > 1]:
            raise Refusal(f"{self.zoo} names models twice: {', '.join(twice)}")
        return self.here.names

    @property
    def network(self) -> str:
        """With what network guests run, in words."""
        why = self.here.network
        return f"with your network: {why}" if why else "without a network"

    def start(self, names: Sequence[str], number: int) -> child.Child:
        """Start a guest on these models."""
        command = isolate.guest(self.environment.python, self.file, self.models, "gather", "--", *names)
        return child.Child(command, self.guest_environment(), self.runs, self.logs / f"{number:04}.log")

    def guest_environment(self) -> dict[str, str]:
        """The variables that guests see."""
        return child.guest_environment(self.home)

    def done(self, name: str) -> bool:
        """Whether the model's record is there, be it of a failure."""
        return (place(self.models, name) / RECORD).is_file()

    def failed(self, name: str) -> bool:
        """Whether the model's own code raised."""
        return (place(self.models, name) / ERROR).is_file()


def _digest(zoo: Zoo) -> str:
    """A hash of the zoo's file and of what zoos share: all but the other zoos."""
    room = Path(isolate.__file__).parents[1] / "zoos"
    shared = [path for path in room.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    files = [path for path in shared if path.suffix != ".py" or path.name.startswith("_") or path.parent != room]
    total = hashlib.sha256()
    for path in [zoo.file, Path(guest.__file__), *sorted(files)]:
        data = path.read_bytes()
        total.update(f"{path.name} {len(data)}\n".encode() + data)
    return total.hexdigest()[:16]
