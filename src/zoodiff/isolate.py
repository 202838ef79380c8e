"""One environment per declared requirements: locked, built once, proven, and thrown away without regret."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from packaging.utils import canonicalize_name
from packaging.version import Version

from zoodiff import child, declare, store, unit
from zoodiff.declare import Interpreter, Needs
from zoodiff.fault import Refusal

Say = Callable[[str], None]

LOCKS = Path(__file__).parent / "locks"
"""the committed locks: `ZOO.txt` for what the header declares, `ZOO==VERSION.txt` for another version"""
SECONDS = 3600.0
"""how long an installation may take"""
_STATE = "state.json"
_RECIPE = 1
"""raise it when environments are built in another way: old ones are then not used any more"""
_BUILD_TOOLS = ("setuptools", "wheel")
"""what a source package may need to be built; they are locked like all else"""


@dataclass(frozen=True)
class Zoo:
    """A zoo file, and the version of the zoo that is asked for (None: the one that its header declares)."""

    id: str
    file: Path
    version: str | None = None

    @property
    def needs(self) -> Needs:
        """What its header asks for, at the version asked for."""
        needs = declare.needs(self.file)
        return needs if self.version is None or self.version == needs.version else needs.at(self.version)

    def __str__(self) -> str:
        return self.id if self.version is None else f"{self.id}=={self.version}"


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


def zoo(reference: str | Path, version: str | None = None) -> Zoo:
    """The zoo of that id, or the one in a file of the user's own; Refusal where there is none."""
    if isinstance(reference, Path):
        return Zoo(reference.stem.replace("_", "-"), reference, version)
    import importlib.util

    known = unit.ids("zoos")
    if reference not in known:
        raise Refusal(f"no zoo {reference!r}", f"There are: {', '.join(known)}. See: zoodiff list zoos")
    found = importlib.util.find_spec(known[reference])  # found, not imported: the file is for another environment
    assert found is not None
    assert found.origin is not None
    return Zoo(reference, Path(found.origin), version)


def cache() -> Path:
    """Where environments and half-done work are: `$ZOODIFF_CACHE`, or where the system keeps a user's caches."""
    chosen = os.environ.get("ZOODIFF_CACHE")
    if chosen:
        return Path(chosen)
    from platformdirs import user_cache_dir

    return Path(user_cache_dir("zoodiff", appauthor=False))


# ---------------------------------------------------------------- locks


def lock(zoo: Zoo, python: Interpreter) -> str:
    """Resolve what a zoo needs, for one interpreter, to exact versions and sha256 sums.

    The lock holds for the interpreter's minor version and this kind of machine, and says so. A local build's label
    (`+cpu`) is left out of the version: the sum alone says which file it is.
    """
    needs = zoo.needs
    alone = [line for line in needs.requirements if declare.name(line) in needs.without_dependencies]
    whole = [line for line in needs.requirements if line not in alone]
    if needs.from_source:
        whole += [tool for tool in _BUILD_TOOLS if tool not in map(declare.name, whole)]
    found: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="zoodiff-") as folder:
        work = Path(folder)
        environment = _venv(work / "venv", python, work) if needs.requirements else python.path
        found |= _resolve(work, environment, whole, needs, [])
        # one by one, since packages that are installed without dependencies may contradict each other's
        for line in alone:
            found |= _resolve(work, environment, [line], needs, ["--no-deps"])
    head = [
        f"# zoo: {zoo}",
        f"# target: {python.target}",
        *(f"# requirement: {line}" for line in _stated(needs)),
        "# Made by: python -m zoodiff.isolate lock " + str(zoo),
    ]
    return "\n".join(head + [f"{pin} --hash=sha256:{found[pin]}" for pin in sorted(found)]) + "\n"


def _stated(needs: Needs) -> list[str]:
    """The requirements as a lock repeats them, to show whether it is still the header's."""
    notes = ((needs.without_dependencies, "alone"), (needs.from_source, "from source"))
    return [
        " ".join([line, *(f"({note})" for names, note in notes if declare.name(line) in names)])
        for line in sorted(needs.requirements)
    ]


def _fits(text: str, needs: Needs, target: str) -> bool:
    lines = text.splitlines()
    stated = [line.removeprefix("# requirement: ") for line in lines if line.startswith("# requirement: ")]
    return stated == _stated(needs) and _target(text) == target


def _target(text: str) -> str | None:
    return next((line.removeprefix("# target: ") for line in text.splitlines() if line.startswith("# target: ")), None)


def _resolve(work: Path, python: Path, lines: list[str], needs: Needs, options: list[str]) -> dict[str, str]:
    """Ask pip what it would install: a sha256 by pin (`name==version`)."""
    if not lines:
        return {}
    report, log = work / "report.json", work / "resolve.log"
    report.unlink(missing_ok=True)
    command: list[str | Path] = [
        python,
        "-I",
        "-m",
        "pip",
        "install",
        "--dry-run",
        "--ignore-installed",
        "--report",
        report,
    ]
    command += ["--only-binary", ":all:", *_no_binary(needs.from_source), *options, *lines]
    code = child.run(command, child.installer_environment(work), work, log, SECONDS)
    if code != 0:
        raise _failed("resolving its requirements", code, log)
    return dict(_pin(found) for found in json.loads(report.read_text())["install"])


def _no_binary(names: Iterable[str]) -> list[str]:
    return [part for name in sorted(names) for part in ("--no-binary", name)]


def _pin(found: dict[str, Any]) -> tuple[str, str]:
    metadata, download = found["metadata"], found["download_info"]
    sha = download["archive_info"].get("hashes", {}).get("sha256")
    if sha is None:  # a file in a local folder
        path = Path(unquote(urlsplit(download["url"]).path))
        sha = hashlib.sha256(path.read_bytes()).hexdigest()
    return f"{canonicalize_name(metadata['name'])}=={Version(metadata['version']).public}", sha


def _lock_for(zoo: Zoo, say: Say) -> tuple[Interpreter, str, tuple[str, ...]]:
    """An interpreter and a lock that fits it: the committed one, the user's, or one resolved now, which is kept."""
    needs = zoo.needs
    committed, own = LOCKS / f"{zoo}.txt", store.home() / "locks" / f"{zoo}.txt"
    texts = [path.read_text() for path in (committed, own) if path.is_file()]
    python = declare.interpreter(needs.python, next(map(_target, texts), None))
    for text in texts:
        if _fits(text, needs, python.target):
            return python, text, ()
    note = f"no committed lock for {zoo} fits {python.target}: its requirements were resolved on this machine"
    say(f"{note}; the lock is kept in {own}")
    text = lock(zoo, python)
    with store.writing(own):
        own.parent.mkdir(parents=True, exist_ok=True)
        _replace(own, text)
    return python, text, (note,)


def _replace(path: Path, text: str) -> None:
    staging = path.with_name(f".{path.name}.{os.getpid()}")
    staging.write_text(text)
    staging.replace(path)


# ---------------------------------------------------------------- environments


@contextmanager
def environment(zoo: Zoo, say: Say) -> Iterator[Environment]:
    """The environment that a zoo needs, built where there is none yet, and nobody else's until the block ends.

    `say` is told, in words, what takes long. Raises Refusal where it cannot be built: no fitting interpreter, no
    network, a full disk, a file that is not the locked one, or the zoo's own proof fails.
    """
    python, text, notes = _lock_for(zoo, say)
    key = _key(zoo.needs, text, python)
    folder = _environments()
    with ExitStack() as stack:
        with store.writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
        waiting = f"another zoodiff is using the environment of {zoo}; waiting for it"
        with store.writing(folder):
            stack.enter_context(store.locked(folder / f"{key}.lock", waiting))
        _sweep(folder, ours=key)
        if not (folder / key / _STATE).is_file():
            _build(zoo, python, text, folder / key, say)
        yield Environment(key, folder / key, text, notes)


def _environments() -> Path:
    return cache() / "environments"


def _key(needs: Needs, text: str, python: Interpreter) -> str:
    parts = [_RECIPE, _stated(needs), text, python.version, python.target, str(python.path)]
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
    say(f"building the environment of {zoo}: {python.target}, {len(_pins(text))} packages (once)")
    log = cache() / "logs" / f"{target.name}.log"
    shutil.rmtree(target, ignore_errors=True)
    with store.writing(target):
        log.parent.mkdir(parents=True, exist_ok=True)
        log.unlink(missing_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f"{target.name}.staging-", dir=target.parent))
    try:
        with store.writing(target):
            _install(staging / "env", python, text, needs, log)
            say(f"proving the environment of {zoo}")
            _prove(zoo, staging / "env", log)
            state = {"zoo": str(zoo), "target": python.target, "requirements": _stated(needs)}
            (staging / "env" / _STATE).write_text(json.dumps(state, indent=1))
            (staging / "env").rename(target)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _install(folder: Path, python: Interpreter, text: str, needs: Needs, log: Path) -> None:
    """Wheels first; then what must be built from source, with the locked build tools and nothing fetched beside."""
    own = _venv(folder, python, folder.parent, log)
    sources = {pin: line for pin, line in _pins(text).items() if declare.name(pin) in needs.from_source}
    wheels = {pin: line for pin, line in _pins(text).items() if pin not in sources}
    steps = ((wheels, ["--only-binary", ":all:"]), (sources, ["--no-build-isolation", "--no-binary", ":all:"]))
    with tempfile.TemporaryDirectory(prefix="zoodiff-") as home:
        for lines, options in steps:
            if not lines:
                continue
            wanted = folder.parent / "wanted.txt"
            wanted.write_text("\n".join(lines.values()) + "\n")
            command: list[str | Path] = [own, "-I", "-m", "pip", "install", "--no-deps", "--require-hashes"]
            command += [*options, "-r", wanted]
            code = child.run(command, child.installer_environment(Path(home)), folder.parent, log, SECONDS)
            if code != 0:
                raise _failed("installing its packages", code, log)


def _pins(text: str) -> dict[str, str]:
    """The lines of a lock by pin."""
    return {line.split()[0]: line for line in text.splitlines() if line and not line.startswith("#")}


def _venv(folder: Path, python: Interpreter, work: Path, log: Path | None = None) -> Path:
    log = log or work / "venv.log"
    with tempfile.TemporaryDirectory(prefix="zoodiff-") as home:
        guest = child.guest_environment(Path(home))
        code = child.run([python.path, "-I", "-m", "venv", folder], guest, work, log, SECONDS)
    if code != 0:
        raise _failed("making an empty environment", code, log)
    return folder / "bin" / "python"


def guest(python: Path, file: Path, out: Path, *words: str) -> list[str | Path]:
    """The command that runs a guest: a staged zoo file, where it writes, and what it does."""
    # -s: no packages of the user's own; the environment holds no Python variable, so no more is needed
    return [python, "-s", file.parents[2] / "guest.py", "--stop-with-parent", "--out", out, file, *words]


def stage(zoo: Zoo, folder: Path) -> Path:
    """Lay out what a guest sees of zoodiff, in an empty folder: itself, the zoo's file and what zoos share.

    Returns the zoo's file there.
    """
    zoos = folder / "zoodiff" / "zoos"
    shutil.copytree(Path(__file__).parent / "zoos", zoos, ignore=shutil.ignore_patterns("__pycache__"))
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
        code = child.run(command, child.guest_environment(home), file.parents[2], log, SECONDS)
    if code != 0:
        raise _failed("proving that its environment works", code, log)


_CAUSES = (
    (
        r"No space left on device|Disk quota exceeded",
        "The disk is full: free some space, or set ZOODIFF_CACHE (or TMPDIR) to a folder with more.",
    ),
    (
        r"DO NOT MATCH THE HASHES|Expected sha256",
        "A file in the registry is not the one that the lock names. Do not trust it; if the registry is yours and the "
        "file is right, make a new lock: python -m zoodiff.isolate lock ZOO",
    ),
    (
        r"NewConnectionError|Connection refused|ConnectTimeoutError|Read timed out|Name or service not known"
        r"|Temporary failure in name resolution|Network is unreachable|ProxyError|SSLError|Max retries exceeded",
        "The package registry cannot be reached: check the network, the proxy and `pip config list`.",
    ),
    (
        r"No matching distribution found",
        "The package registry has no file that fits this Python and machine.",
    ),
)


def _failed(doing: str, code: int | None, log: Path) -> Refusal:
    """The Refusal for a failed step, with its likely cause; the log is kept where the message says."""
    last = child.tail(log)
    kept = cache() / "logs" / log.name
    if log != kept:
        with store.writing(kept):
            kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(log, kept)
    cause = next((hint for pattern, hint in _CAUSES if re.search(pattern, last)), "")
    hint = f"{cause}\nThe environment was removed. The last lines of {kept}:\n{last}".lstrip()
    return Refusal(f"{doing} failed: {child.ended(code)}", hint)


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
        if "." not in state.parent.name
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
    """`python -m zoodiff.isolate lock ZOO[==VERSION]`: resolve, and write the committed lock."""
    try:
        match arguments:
            case ["lock", reference]:
                identity, _, version = reference.partition("==")
                chosen = zoo(identity, version or None)
                python = declare.interpreter(chosen.needs.python)
                _replace(LOCKS / f"{chosen}.txt", lock(chosen, python))
                print(LOCKS / f"{chosen}.txt")
                return 0
            case _:
                print("usage: python -m zoodiff.isolate lock ZOO[==VERSION]", file=sys.stderr)
                return 2
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
