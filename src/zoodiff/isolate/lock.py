"""Locks: the exact version and sha256 of every package that a zoo needs, committed or resolved on this machine."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from packaging.utils import canonicalize_name
from packaging.version import Version

from zoodiff import child, disk, places
from zoodiff.isolate import declare, install
from zoodiff.isolate.declare import Interpreter, Needs, Zoo

Say = Callable[[str], None]

LOCKS = Path(__file__).parents[1] / "locks"
"""the committed locks: `ZOO.txt` for what the header declares, `ZOO==VERSION.txt` for another version"""
_BUILD_TOOLS = ("setuptools", "wheel")
"""what a source package may need to be built; they are locked like all else"""


def resolve(zoo: Zoo, python: Interpreter) -> str:
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
        pip = install.empty(zoo, work / "venv", python, work / "venv.log")
        found |= _asked(zoo, work, pip, whole, [])
        # one by one, since packages that are installed without dependencies may contradict each other's
        for line in alone:
            found |= _asked(zoo, work, pip, [line], ["--no-deps"])
    head = [
        f"# zoo: {zoo}",
        f"# target: {python.target}",
        *(f"# requirement: {line}" for line in stated(needs)),
        "# Made by: python -m zoodiff.isolate lock " + str(zoo),
    ]
    return "\n".join(head + [f"{pin} --hash=sha256:{found[pin]}" for pin in sorted(found)]) + "\n"


def stated(needs: Needs) -> list[str]:
    """The requirements as a lock repeats them, to show whether it is still the header's."""
    alone = [
        f"{line} (alone)" if declare.name(line) in needs.without_dependencies else line for line in needs.requirements
    ]
    return sorted(alone) + [f"{name} (from source)" for name in sorted(needs.from_source)]


def _fits(text: str, needs: Needs, target: str) -> bool:
    lines = text.splitlines()
    asked = [line.removeprefix("# requirement: ") for line in lines if line.startswith("# requirement: ")]
    return asked == stated(needs) and _target(text) == target


def _target(text: str) -> str | None:
    return next((line.removeprefix("# target: ") for line in text.splitlines() if line.startswith("# target: ")), None)


def _asked(zoo: Zoo, work: Path, pip: install.Command, lines: list[str], options: list[str]) -> dict[str, str]:
    """Ask pip what it would install: a sha256 by pin (`name==version`)."""
    if not lines:
        return {}
    report, log = work / "report.json", work / "resolve.log"
    report.unlink(missing_ok=True)
    command = [*pip, "install", "--dry-run", "--ignore-installed", "--report", report]
    built = [part for name in sorted(zoo.needs.from_source) for part in ("--no-binary", name)]
    command += ["--only-binary", ":all:", *built, *options, *lines]
    code = child.run(command, child.installer_environment(work), work, log, install.SECONDS)
    if code != 0:
        raise install.failed(zoo, "resolving the requirements", code, log)
    return dict(_pin(found) for found in json.loads(report.read_text())["install"])


def _pin(found: dict[str, Any]) -> tuple[str, str]:
    metadata, download = found["metadata"], found["download_info"]
    sha = download["archive_info"].get("hashes", {}).get("sha256")
    if sha is None:  # a file in a local folder
        path = Path(unquote(urlsplit(download["url"]).path))
        sha = hashlib.sha256(path.read_bytes()).hexdigest()
    return f"{canonicalize_name(metadata['name'])}=={Version(metadata['version']).public}", sha


def choose(zoo: Zoo, say: Say) -> tuple[Interpreter, str, tuple[str, ...]]:
    """An interpreter and a lock that fits it: the user's own, the committed one, or one resolved now, which is kept.

    The notes say where a lock that is not the committed one comes from.
    """
    needs = zoo.needs
    committed, own = LOCKS / f"{zoo}.txt", users(zoo)
    known = {path: path.read_text() for path in (own, committed) if path.is_file()}
    python = declare.interpreter(
        needs.python, next((found for text in known.values() if (found := _target(text))), None)
    )
    for path, text in known.items():
        if _fits(text, needs, python.target):
            return python, text, () if path == committed else ("built from the user's own lock",)
    say(f"no committed lock for {zoo} fits {python.target}: resolving its requirements; the lock is kept in {own}")
    text = resolve(zoo, python)
    save(text, own)
    return python, text, (f"no committed lock fits {python.target}: resolved on this machine",)


def pins(text: str) -> dict[str, str]:
    """The lines of a lock by pin."""
    return {line.split()[0]: line for line in text.splitlines() if line.strip() and not line.startswith("#")}


def users(zoo: Zoo) -> Path:
    """Where the user's own lock for a zoo is, which comes before the committed one."""
    return places.home() / "locks" / f"{zoo}.txt"


def save(text: str, path: Path) -> None:
    """Write a lock, whole or not at all."""
    with disk.writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with disk.whole(path) as staging:
            staging.write_text(text)
