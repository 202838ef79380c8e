"""From a zoo's own release to records: every model that it ships, with its graph or the reason why there is none."""

from __future__ import annotations

import datetime
import difflib
import errno
import hashlib
import json
import shutil
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from packaging.utils import canonicalize_name
from packaging.version import Version

from zoodiff import __version__, child, disk, places
from zoodiff.fault import Refusal, plain
from zoodiff.isolate import declare, guest, isolate
from zoodiff.isolate.declare import Needs, Zoo
from zoodiff.isolate.guest import ERROR, RECORD, place
from zoodiff.isolate.isolate import Environment
from zoodiff.reading import store
from zoodiff.reading.read import read
from zoodiff.record import Model, Provenance, Snapshot, Unmeasured

MODEL_SECONDS = 1800.0
"""how long one model may take"""
ALL_SECONDS = 6 * 3600.0
"""how long a whole zoo may take"""
PROCESSES = 2
"""guests that run at once"""
_NAMES_SECONDS = 600.0
_PAUSE = 0.05


class Step(NamedTuple):
    """How far a gather is; `words` says it for a person."""

    words: str
    done: int = 0
    total: int = 0
    current: tuple[str, ...] = ()
    """the models in work"""
    failed: int = 0
    seconds_left: float | None = None
    """estimated from the models done in this run; None where there are none yet"""


Progress = Callable[[Step], None]


class Limits(NamedTuple):
    """How long things may take, in seconds, and how many guests run at once."""

    model: float = MODEL_SECONDS
    all: float = ALL_SECONDS
    processes: int = PROCESSES


DEFAULT = Limits()


def lines(step: Step) -> None:
    """Say a step on standard error, in one plain line."""
    print(plain(told(step)), file=sys.stderr, flush=True)


def told(step: Step) -> str:
    """A step in one line: how many are done, what is in work, what failed, and the time left."""
    count = f"{step.done}/{step.total} " if step.total else ""
    left = f", {_span(step.seconds_left)} left" if step.seconds_left is not None else ""
    failed = f", {step.failed} failed" if step.failed else ""
    return f"{count}{step.words}{failed}{left}"


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def gather(
    zoo: str | Path,
    version: str | None = None,
    only: Iterable[str] | None = None,
    root: Path | None = None,
    progress: Progress = lines,
    limits: Limits = DEFAULT,
) -> Snapshot:
    """Gather a zoo's models in an environment of their own, and write the snapshot under `root`.

    `zoo` is a zoo's id or a zoo file, `version` another released version than the declared one, `only` the models to
    take; with `only` and no `root` nothing is written, since a part is no snapshot. What was finished before an
    interruption is used again. A model that fails is a record with its reason.

    Raises Refusal where the environment cannot be built, the zoo cannot be asked for its models, the disk is full or
    the time is up; KeyboardInterrupt on Ctrl-C and SIGTERM, with all children ended and no snapshot written.
    """
    chosen = declare.zoo(zoo, version)

    def say(words: str) -> None:
        progress(Step(words))

    with child.interruptible(), isolate.environment(chosen, say) as environment:
        work = _Work(chosen, environment)
        with disk.writing(work.folder):
            work.prepare()
            names = _wanted(work.ask(), only)
            say(f"{chosen}'s own code runs {work.network}")
            failed = _Run(work, names, progress, limits).run()
            models, skeletons = _records(work, names, failed)
        snapshot = _snapshot(work, models)
        if only is None or root is not None:
            store.write(snapshot, skeletons, root)
        shutil.rmtree(work.folder)
    return snapshot


def document(snapshot: Snapshot) -> dict[str, Any]:
    """A snapshot's outline as the JSON document that `gather --json` prints."""
    return {
        "format": 1,
        "kind": "gathered",
        "zoo": snapshot.zoo,
        "version": snapshot.version,
        "as_of": snapshot.as_of,
        "models": [
            {
                "name": m.name,
                "weights": [w.id for w in m.weights],
                "missing": m.graph_missing and m.graph_missing.reason,
            }
            for m in snapshot
        ],
        "packages": snapshot.provenance.packages,
    }


def _wanted(names: Sequence[str], only: Iterable[str] | None) -> list[str]:
    if only is None:
        return list(names)
    wanted = list(only)
    for name in wanted:
        if name not in names:
            near = ", ".join(difflib.get_close_matches(name, names, n=5)) or ", ".join(names[:5])
            raise Refusal(f"the zoo has no model {name!r}", f"Near: {near}.")
    return wanted


class _Here(msgspec.Struct):
    """What a guest says of its environment and its zoo."""

    names: list[str]
    batch: int
    python: str
    platform: str
    packages: dict[str, str]
    network: str = ""


class _Work:
    """The folder of a gather: what guests see of zoodiff, and the models that are done.

    Its name depends on the environment and on every file that the zoo's code may read, so that an interrupted gather
    goes on only where it would do the same again.
    """

    def __init__(self, zoo: Zoo, environment: Environment) -> None:
        self.zoo, self.environment = zoo, environment
        self.folder = places.caches() / "work" / f"{environment.key}-{_digest(zoo)}"
        self.models, self.home, self.runs = self.folder / "models", self.folder / "home", self.folder / "run"
        self.logs = places.caches() / "logs" / f"gather-{zoo}"
        self.here = _Here([], 1, "", "", {})

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
            self.here = msgspec.json.decode(disk.bounded(self.folder / "names.json"), type=_Here)
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


# ---------------------------------------------------------------- running guests


@dataclass
class _Guest:
    """A running guest: the models that it was given and has not finished, and since when it works on the first."""

    child: child.Child
    names: list[str]
    alone: bool
    since: float = field(default_factory=time.monotonic)


class _Run:
    """Gather models by guests of a few models each, and outlast whatever becomes of a guest."""

    def __init__(self, work: _Work, names: Sequence[str], progress: Progress, limits: Limits) -> None:
        self.work, self.names, self.progress, self.limits = work, names, progress, limits
        waiting = [name for name in names if not work.done(name)]
        size = max(1, work.here.batch)
        self.queue = deque(waiting[start : start + size] for start in range(0, len(waiting), size))
        self.retries: deque[str] = deque()
        self.guests: list[_Guest] = []
        self.lost: dict[str, str] = {}
        """models whose guest ended before they were done: why"""
        self.todo, self.began, self.number = len(waiting), time.monotonic(), 0

    def run(self) -> dict[str, str]:
        """Run to the end; returns the reasons of the models that ended their guest or were not done in time."""
        self.report("models gathered before are used again" if self.todo < len(self.names) else "gathering")
        try:
            while self.queue or self.retries or self.guests:
                self.fill()
                for guest in list(self.guests):
                    self.look(guest)
                if time.monotonic() - self.began > self.limits.all:
                    raise Refusal(
                        f"{self.work.zoo} was not gathered within {_span(self.limits.all)}",
                        f"{len(self.names) - self.left()} of {len(self.names)} models are done and kept: run it again.",
                    )
                time.sleep(_PAUSE)
        finally:
            for guest in self.guests:
                guest.child.kill()
        return self.lost

    def fill(self) -> None:
        """Start guests while there is room. A model whose guest died has its second try alone, with all the memory."""
        while self.queue and len(self.guests) < self.limits.processes:
            self.start(self.queue.popleft(), alone=False)
        if self.retries and not self.guests:
            self.start([self.retries.popleft()], alone=True)

    def start(self, names: list[str], *, alone: bool) -> None:
        """Start a guest."""
        self.number += 1
        self.guests.append(_Guest(self.work.start(names, self.number), names, alone))

    def look(self, guest: _Guest) -> None:
        """See what a guest has done since the last look, and whether it still runs."""
        code = guest.child.poll()  # asked first: what it finished before it ended then counts
        left = [name for name in guest.names if not self.work.done(name)]
        if len(left) < len(guest.names):
            finished = guest.names[: len(guest.names) - len(left)]
            guest.names, guest.since = left, time.monotonic()
            self.report(", ".join(finished))
        late = bool(left) and time.monotonic() - guest.since > self.limits.model
        if code is None and not late:
            return
        guest.child.kill()
        self.guests.remove(guest)
        if not left:
            return
        if code is None:
            self.lose(left[0], f"it took longer than {_span(self.limits.model)}")
            if left[1:]:
                self.queue.append(left[1:])
        elif guest.alone:
            last = child.tail(guest.child.log, 1)
            self.lose(left[0], f"its process did not finish: {child.ended(code)}" + (f": {last}" if last else ""))
        else:
            self.retries.extend(left)

    def lose(self, name: str, why: str) -> None:
        """Give a model up."""
        self.lost[name] = why
        self.report(f"{name}: {why}")

    def left(self) -> int:
        """How many models are neither done nor lost."""
        return sum(not self.work.done(name) and name not in self.lost for name in self.names)

    def report(self, words: str) -> None:
        """Tell how far it is."""
        left = self.left()
        finished = self.todo - left
        seconds = (time.monotonic() - self.began) / finished * left if finished else None
        current = tuple(guest.names[0] for guest in self.guests if guest.names)
        failed = len(self.lost) + sum(map(self.work.failed, self.names))
        self.progress(Step(words, len(self.names) - left, len(self.names), current, failed, seconds))


# ---------------------------------------------------------------- records


def _records(work: _Work, names: Sequence[str], lost: Mapping[str, str]) -> tuple[list[Model], dict[str, bytes]]:
    """Every model's record, and the skeletons by file name."""
    models: list[Model] = []
    skeletons: dict[str, bytes] = {}
    for name in names:
        if name in lost:
            models.append(Model(name, graph_missing=Unmeasured(lost[name])))
            continue
        folder = place(work.models, name)
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


def _snapshot(work: _Work, models: Sequence[Model]) -> Snapshot:
    here, environment, needs = work.here, work.environment, work.zoo.needs
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    sha = hashlib.sha256(environment.lock.encode()).hexdigest()
    provenance = Provenance(today, here.python, here.platform, here.packages, sha, __version__, environment.notes)
    return Snapshot(store.FORMAT, work.zoo.id, _version(needs, here.packages), today, tuple(models), provenance)


def _version(needs: Needs, packages: Mapping[str, str]) -> str:
    if needs.version is not None:
        return needs.version
    installed = {canonicalize_name(name): version for name, version in packages.items()}
    return Version(installed[canonicalize_name(needs.version_of or "")]).public
