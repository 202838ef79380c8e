"""Run other programs so that they cannot hang us, see our secrets, or outlive us."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from configparser import Error as ConfigError
from configparser import RawConfigParser
from pathlib import Path
from types import FrameType
from typing import Final

from zoodiff.fault import Refusal

_ALWAYS = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR")
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
_HUB = ("HF_ENDPOINT",)
_PIP = (
    "INDEX_URL EXTRA_INDEX_URL NO_INDEX FIND_LINKS CERT CLIENT_CERT TRUSTED_HOST PROXY DEFAULT_TIMEOUT TIMEOUT RETRIES"
).split()


LOG_BYTES: Final = 64 << 20
"""of a log, beyond which it begins anew: a program that prints without end must not fill the disk"""

ROOM: Final = 64 << 10
"""bytes that are free on a disk that is not full"""


def guest_environment(home: Path) -> dict[str, str]:
    """The variables that a zoo's own code sees: nothing of the user's but paths, language, certificates and addresses.

    The addresses are those of proxies and of the hub's mirror, and stay unless they carry a password. `home` is the
    folder that stands for the home folder.
    """
    addresses = {name: value for name, value in _environ(_PROXIES + _HUB).items() if "@" not in value}
    return {**_environ(_ALWAYS + _CERTIFICATES), **addresses, "HOME": str(home), "PYTHONHASHSEED": "0"}


def installer_environment(home: Path) -> dict[str, str]:
    """The variables that pip and uv see: where its registry is and how to reach it, and nothing else of the user's.

    The user's own pip configuration counts although the home folder is another: it is written out into `home`.
    """
    pip = {f"PIP_{name}": os.environ[f"PIP_{name}"] for name in _PIP if f"PIP_{name}" in os.environ}
    return {
        **_environ(_ALWAYS + _CERTIFICATES + _PROXIES),
        **pip,
        "HOME": str(home),
        "PIP_CONFIG_FILE": str(_pip_configuration(home / "pip.conf")),
        "PIP_CACHE_DIR": os.environ.get("PIP_CACHE_DIR") or str(_cache() / "pip"),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
        "UV_CACHE_DIR": os.environ.get("UV_CACHE_DIR") or str(_cache() / "uv"),
        "UV_NO_CONFIG": "1",
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_LINK_MODE": "copy",  # a zoo's code can reach into its environment, and must not reach into the cache
        "UV_INDEX_STRATEGY": "unsafe-best-match",  # as pip has it; the sums say which file is meant
    }


def _environ(names: Sequence[str]) -> dict[str, str]:
    spelled = [spelling for name in names for spelling in dict.fromkeys((name, name.lower(), name.upper()))]
    return {name: os.environ[name] for name in spelled if name in os.environ}


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def _pip_configuration(target: Path) -> Path:
    """Merge the user's pip configuration in the order that pip reads it; the machine's own pip reads by itself."""
    home, config = Path.home(), Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    files = [home / ".pip/pip.conf", config / "pip/pip.conf", home / "Library/Application Support/pip/pip.conf"]
    if named := os.environ.get("PIP_CONFIG_FILE"):
        files = [Path(named)] if named == os.devnull else [*files, Path(named)]
    merged = RawConfigParser()
    try:
        merged.read(files, encoding="utf-8")
    except ConfigError as error:
        raise Refusal(f"pip's configuration cannot be read: {error}", "See: pip config debug") from error
    with target.open("w", encoding="utf-8") as file:
        merged.write(file)
    return target


class Child:
    """A running program in a process group of its own. All that it prints goes into a log file: no pipe can fill up.

    Its standard input is a pipe that closes when we die, which a guest takes as its cue to stop.
    """

    def __init__(
        self,
        command: Sequence[str | Path],
        environment: Mapping[str, str],
        folder: Path,
        log: Path,
        descriptors: Sequence[int] = (),
    ) -> None:
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [str(part) for part in command],
                env=dict(environment),
                cwd=folder,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                start_new_session=True,
                pass_fds=descriptors,
            )
        self.log = log

    def poll(self) -> int | None:
        """The exit code, negative where a signal ended it; None while it runs. A log that is too long begins anew."""
        with contextlib.suppress(OSError):
            if self.log.stat().st_size > LOG_BYTES:
                os.truncate(self.log, 0)  # it is open for appending: what comes next stands at its new end
        return self._process.poll()

    def tell(self, line: str) -> None:
        """Write a line to its standard input; BrokenPipeError where it has ended."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())
        self._process.stdin.flush()

    def kill(self) -> None:
        """End it and all that it started; harmless where it has ended."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if self._process.stdin:
            with contextlib.suppress(BrokenPipeError):  # it ended before it read what was told
                self._process.stdin.close()


def run(
    command: Sequence[str | Path], environment: Mapping[str, str], folder: Path, log: Path, seconds: float
) -> int | None:
    """Run a program to its end and return its exit code; None where it took longer than `seconds` and was killed.

    Whatever interrupts us kills it too. Raises Refusal where it failed and `folder` has no room left: a program that
    cannot write mostly cannot say so.
    """
    child = Child(command, environment, folder, log)
    try:
        end = time.monotonic() + seconds
        while (code := child.poll()) is None and time.monotonic() < end:
            time.sleep(0.02)
    finally:
        child.kill()
    if code and shutil.disk_usage(folder).free < ROOM:
        raise Refusal(f"the disk is full: {folder}", "Free some space, and run it again.")
    return code


def ended(code: int | None) -> str:
    """Say how a program ended."""
    if code is None:
        return "it took too long"
    if code >= 0:
        return f"it ended with exit code {code}"
    name = signal.Signals(-code).name
    return f"it was killed by {name}" + (" (out of memory?)" if name == "SIGKILL" else "")


def why(code: int | None, log: Path) -> str:
    """Say why a program failed: what it said last, cut where it is long; how it ended where it said nothing.

    One that took too long may have said anything.
    """
    said = "" if code is None else tail(log, 1)[:400]
    return said or ended(code)


def tail(log: Path, lines: int = 12) -> str:
    """The last lines of a log that are not empty; of a long one only its end is read."""
    if not log.is_file():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 200 * lines - 1000))
        text = file.read().decode(errors="replace")
    return "\n".join([line for line in text.splitlines() if line.strip()][-lines:])


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Let SIGTERM and a closed terminal end us as Ctrl-C does: by an exception, so that what must be cleaned up is."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():  # only the main thread may set handlers
        yield
        return
    before = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
