"""Put packages into an empty environment: pip's work, or uv's where it is there, by exact versions and sums."""

from __future__ import annotations

import ast
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from zoodiff import child, disk, places
from zoodiff.fault import Refusal
from zoodiff.isolate import declare
from zoodiff.isolate.declare import Interpreter, Zoo

Command = list[str | Path]

SECONDS = 3600.0
"""how long an installation may take"""
_UV = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "client-cert": "SSL_CLIENT_CERT",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "timeout": "UV_HTTP_TIMEOUT",
}
"""what pip's configuration says of the registry, and the variable that says it to uv, which does not read that file"""


def empty(zoo: Zoo, folder: Path, python: Interpreter, log: Path) -> Command:
    """Make an empty environment; returns the command that runs pip for it, which is not installed there."""
    with tempfile.TemporaryDirectory(prefix="zoodiff-") as home:
        variables = child.guest_environment(Path(home))
        command: Command = [python.path, "-I", "-m", "venv", "--without-pip", folder]
        code = child.run(command, variables, folder.parent, log, SECONDS)
    if code != 0 or python.pip is None:
        raise failed(zoo, "making the environment", code, log)
    return [folder / "bin" / "python", "-I", python.pip / "pip"]  # a wheel can be run as it is


def install(zoo: Zoo, folder: Path, python: Interpreter, pins: Mapping[str, str], log: Path) -> None:
    """Make an environment of the pinned packages, given as a lock's lines by pin (`name==version`).

    Wheels first, by uv where it is there: the same files, since the sums are the lock's, in a fraction of the time.
    What uv cannot do, whatever the reason, pip does from the start, and pip's word counts. Then what must be built from
    source, with the locked build tools and nothing fetched beside. Raises Refusal where it fails.
    """
    sources = {pin: line for pin, line in pins.items() if declare.name(pin) in zoo.needs.from_source}
    wheels = {pin: line for pin, line in pins.items() if pin not in sources}
    steps = ((wheels, ["--only-binary", ":all:"]), (sources, ["--no-build-isolation", "--no-binary", ":all:"]))
    pip = empty(zoo, folder, python, log)
    with tempfile.TemporaryDirectory(prefix="zoodiff-") as home:
        variables = child.installer_environment(Path(home))
        for lines, options in steps:
            if not lines:
                continue
            wanted = folder.parent / "wanted.txt"
            wanted.write_text("\n".join(lines.values()) + "\n")
            what: Command = ["--no-deps", "--require-hashes", *options, "-r", wanted]
            tool = uv() if lines is wheels else None
            if tool:
                own = {**variables, **_registry(pip, variables, folder.parent)}
                command = [tool, "pip", "install", "--python", folder / "bin" / "python", *what]
                if child.run(command, own, folder.parent, log, SECONDS) == 0:
                    continue
                shutil.rmtree(folder)  # it may hold half a package
                pip = empty(zoo, folder, python, log)
            code = child.run([*pip, "install", *what], variables, folder.parent, log, SECONDS)
            if code != 0:
                raise failed(zoo, "installing the packages", code, log)


def uv() -> str | None:
    """The uv that was installed beside zoodiff, or the one on PATH; None where there is none."""
    return shutil.which("uv", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))


def _registry(pip: Command, variables: Mapping[str, str], folder: Path) -> dict[str, str]:
    """pip's settings of where packages come from, as uv's variables: both go to the same registry."""
    listed = folder / "configuration.txt"
    child.run([*pip, "config", "list"], variables, folder, listed, SECONDS)
    found = re.findall(r"(?m)^(global|install|:env:)\.([a-z-]+)=(.+)$", listed.read_text())
    by_section = sorted(found, key=lambda line: ("global", "install", ":env:").index(line[0]))  # the last one counts
    words = {name: str(ast.literal_eval(value)).split() for _, name, value in by_section if name in _UV}
    return {_UV[name]: ("," if name == "find-links" else " ").join(parts) for name, parts in words.items()}


_CAUSES = (
    (
        r"No space left on device|Disk quota exceeded",
        "The disk is full: free some space, or set ZOODIFF_CACHE (or TMPDIR) to a folder with more.",
    ),
    (
        r"DO NOT MATCH THE HASHES|Expected sha256",
        "A file in the registry is not the one that the lock names: it was replaced, or this registry has another "
        "build. If you trust what it has, make a lock of your own: python -m zoodiff.isolate lock {zoo}",
    ),
    (
        r"NewConnectionError|Connection refused|ConnectTimeoutError|Read timed out|Name or service not known"
        r"|Temporary failure in name resolution|Network is unreachable|ProxyError|SSLError|Max retries exceeded",
        "The package registry cannot be reached: check the network, the proxy and `pip config list`.",
    ),
    (
        r"No matching distribution found",
        "The package registry has no file of that version that fits this Python and machine, or it answers with errors "
        "(`pip -v download NAME` says which). To lock what it has: python -m zoodiff.isolate lock {zoo}",
    ),
)


def failed(zoo: Zoo, doing: str, code: int | None, log: Path) -> Refusal:
    """The Refusal for a failed step, with its likely cause; the log is kept where the message says."""
    last = child.tail(log)
    kept = places.caches() / "logs" / log.name
    if log != kept:
        with disk.writing(kept):
            kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(log, kept)
    cause = next((hint.format(zoo=zoo) for pattern, hint in _CAUSES if re.search(pattern, child.tail(log, 40))), "")
    hint = f"{cause}\nThe environment was removed. The last lines of {kept}:\n{last}".lstrip()
    return Refusal(f"{doing} of {zoo} failed: {child.ended(code)}", hint)
