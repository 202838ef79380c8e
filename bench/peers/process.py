"""Run a program to its end, and tell how long it took and how much memory it needed at most."""

from __future__ import annotations

import contextlib
import os
import signal
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple


class Run(NamedTuple):
    """One process from its start to its end."""

    seconds: float
    cpu: float
    """seconds of processor time, of all its threads and of those that it waited for"""
    megabytes: float
    """the most memory that it had resident at once; at least what this process has, from which it starts"""
    out: str
    """what it printed on standard output"""
    failed: str = ""
    """why there is no result; empty where there is one"""
    late: bool = False
    """whether it was ended since its time was over"""


def run(
    command: Sequence[str | Path],
    seconds: float,
    variables: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Run:
    """Run it with nothing on its input, for so many seconds at most; whatever interrupts us ends it too."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as error:
        began = time.perf_counter()
        process = subprocess.Popen(
            [str(part) for part in command],
            env=None if variables is None else dict(variables),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=error,
            start_new_session=True,
        )
        late = threading.Event()
        alarm = threading.Timer(seconds, _end, (process.pid, late))
        alarm.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            _end(process.pid, late)
            raise
        finally:
            alarm.cancel()
        took = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        printed, said = (_text(file) for file in (out, error))
    failed = f"more than {seconds:g} s" if late.is_set() else _why(process.returncode, said)
    cpu = usage.ru_utime + usage.ru_stime
    return Run(took, cpu, usage.ru_maxrss / 1024, printed, failed, late.is_set())  # in kB on Linux


def _end(process: int, late: threading.Event) -> None:
    late.set()
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process, signal.SIGKILL)


def _text(file: tempfile._TemporaryFileWrapper[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")


def _why(code: int, error: str) -> str:
    """The last line of what a process said before it failed; empty where it did not."""
    if code == 0:
        return ""
    lines = [line.strip() for line in error.splitlines() if line.strip()]
    return lines[-1][:200] if lines else f"exit code {code}"


def median(runs: Sequence[Run]) -> Run:
    """The run whose time is the middle one, with the least processor time and the most memory of all.

    The first that failed, where one did.
    """
    for one in runs:
        if one.failed:
            return one
    ranked = sorted(runs, key=lambda one: one.seconds)
    middle = statistics.median_low([one.seconds for one in ranked])
    chosen = next(one for one in ranked if one.seconds == middle)
    return chosen._replace(cpu=min(one.cpu for one in runs), megabytes=max(one.megabytes for one in runs))
