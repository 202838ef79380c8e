"""One environment per declared requirements: locked, built once, proven, and thrown away without regret."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import msgspec

from zoodiff import child, disk, places
from zoodiff.fault import Refusal
from zoodiff.isolate import declare, install, lock
from zoodiff.isolate.declare import Interpreter, Needs, Zoo
from zoodiff.isolate.guest import RECORD
from zoodiff.isolate.lock import Say

_STATE = "state.json"
_RECIPE = 1
"""raise it when environments are built in another way: old ones are then not used any more"""


@dataclass(frozen=True)
class Environment:
    """A built and proven environment, and the lock that it was built from."""

    key: str
    folder: Path
    lock: str
    notes: tuple[str, ...] = ()

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"


@contextmanager
def environment(zoo: Zoo, say: Say) -> Iterator[Environment]:
    """The environment that a zoo needs, built where there is none yet, and nobody else's until the block ends.

    `say` is told, in words, what takes long. Raises Refusal where it cannot be built: no fitting interpreter, no
    network, a full disk, a file that is not the locked one, or the zoo's own proof fails.
    """
    python, text, notes = lock.choose(zoo, say)
    key = _key(zoo.needs, text, python)
    folder = _environments()
    with ExitStack() as stack:
        with disk.writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
        waiting = f"another zoodiff is using the environment of {zoo}; waiting for it"
        with disk.writing(folder):
            stack.enter_context(disk.locked(folder / f"{key}.lock", waiting))
        _sweep(folder, ours=key)
        if not (folder / key / _STATE).is_file():
            _build(zoo, python, text, folder / key, say)
        yield Environment(key, folder / key, text, notes)


def _environments() -> Path:
    return places.caches() / "environments"


def _key(needs: Needs, text: str, python: Interpreter) -> str:
    parts = [_RECIPE, lock.stated(needs), text, python.version, python.target, str(python.path)]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:24]


def _build(zoo: Zoo, python: Interpreter, text: str, target: Path, say: Say) -> None:
    """Build beside the target, prove, write down the state, and put it in place, in this order."""
    needs = zoo.needs
    free = shutil.disk_usage(target.parent).free // 1_000_000
    if free < needs.disk_mb:
        raise Refusal(
            f"the environment of {zoo} needs {needs.disk_mb:,} MB, and {target.parent} has {free:,} MB left",
            "Free some space (zoodiff gather --clean lists the environments), or set ZOODIFF_CACHE to another folder.",
        )
    say(f"building the environment of {zoo}: {python.target}, {len(lock.pins(text))} packages (once)")
    log = places.caches() / "logs" / f"{target.name}.log"
    shutil.rmtree(target, ignore_errors=True)
    with disk.writing(target):
        log.parent.mkdir(parents=True, exist_ok=True)
        log.unlink(missing_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f"{target.name}.staging-", dir=target.parent))
    try:
        with disk.writing(target):
            install.install(zoo, staging / "env", python, lock.pins(text), log)
            say(f"proving the environment of {zoo}")
            _prove(zoo, staging / "env", log)
            state = {"zoo": str(zoo), "target": python.target, "requirements": lock.stated(needs)}
            (staging / "env" / _STATE).write_text(json.dumps(state, indent=1))
            (staging / "env").rename(target)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def guest(python: Path, file: Path, out: Path, *words: str, online: bool = False) -> install.Command:
    """The command that runs a guest: a staged zoo file, where it writes, what it does, and whether it has a network."""
    offline = [] if online or declare.needs(file).network else ["--offline"]
    # -s: no packages of the user's own; the environment holds no Python variable, so no more is needed
    return [python, "-s", file.parents[2] / "guest.py", "--stop-with-parent", *offline, "--out", out, file, *words]


def told(out: Path) -> dict[str, str]:
    """What a guest wrote into its record in `out`; nothing where there is none, or it is no such thing."""
    try:
        return msgspec.json.decode(disk.bounded(out / RECORD), type=dict[str, str])
    except (OSError, ValueError, RecursionError):  # msgspec's errors are ValueErrors
        return {}


def stage(zoo: Zoo, folder: Path) -> Path:
    """Lay out what a guest sees of zoodiff, in an empty folder: itself, the zoo's file and what zoos share.

    Returns the zoo's file there.
    """
    zoos = folder / "zoodiff" / "zoos"
    shutil.copytree(Path(__file__).parents[1] / "zoos", zoos, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "zoodiff" / "__init__.py").touch()
    shutil.copy(Path(__file__).with_name("guest.py"), folder / "guest.py")
    shutil.copy(zoo.file, zoos / zoo.file.name)
    return zoos / zoo.file.name


def _prove(zoo: Zoo, folder: Path, log: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="zoodiff-") as work:
        home = Path(work) / "home"
        home.mkdir()
        file = stage(zoo, Path(work) / "run")
        command = guest(folder / "bin" / "python", file, Path(work), "prove")
        code = child.run(command, child.guest_environment(home), file.parents[2], log, install.SECONDS)
    if code != 0:
        raise install.failed(zoo, "the proof", code, log)


def _sweep(folder: Path, ours: str | None = None) -> None:
    """Remove what killed builds left, of every key that nobody else holds; `ours` is the key that we hold."""
    for left in folder.glob("*.staging-*"):
        key = left.name.partition(".")[0]
        with nullcontext(True) if key == ours else _free(folder / f"{key}.lock") as free:
            if free:
                shutil.rmtree(left, ignore_errors=True)


@contextmanager
def _free(path: Path) -> Iterator[bool]:
    """Hold a lock for a moment if nobody else does; says whether it could be had."""
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
                raise
            yield False
        else:
            yield True


@dataclass(frozen=True)
class Kept:
    """An environment on disk, for those who want their space back."""

    zoo: str
    folder: Path
    bytes: int


def kept() -> list[Kept]:
    """Every environment there is, with its size."""
    folder = _environments()
    return [
        Kept(json.loads(state.read_text())["zoo"], state.parent, _size(state.parent))
        for state in sorted(folder.glob(f"*/{_STATE}"))
    ]


def clean() -> list[Kept]:
    """Delete every environment that no other zoodiff is using, and leftovers; returns those that are gone."""
    gone = []
    for environment in kept():
        with _free(environment.folder.with_name(f"{environment.folder.name}.lock")) as free:
            if free:
                (environment.folder / _STATE).unlink()  # first: half an environment is none
                shutil.rmtree(environment.folder)
                gone.append(environment)
    if _environments().is_dir():
        _sweep(_environments())
    return gone


def _size(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir())


def main(arguments: list[str]) -> int:
    """`python -m zoodiff.isolate lock ZOO[==VERSION] [FOLDER]`: resolve, and write the lock (the user's own one)."""
    if len(arguments) not in (2, 3) or arguments[0] != "lock":
        print("usage: python -m zoodiff.isolate lock ZOO[==VERSION] [FOLDER]", file=sys.stderr)
        return 2
    identity, _, version = arguments[1].partition("==")
    try:
        with child.interruptible():
            chosen = declare.zoo(identity, version or None)
            path = Path(arguments[2]) / f"{chosen}.txt" if arguments[2:] else lock.users(chosen)
            lock.save(lock.resolve(chosen, declare.interpreter(chosen.needs.python)), path)
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    print(path)
    return 0
