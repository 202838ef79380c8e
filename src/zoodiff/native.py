"""Ask onnx's native code about a model in a process of its own, since files exist that make it crash, hang or grow.

The process is started once and answers for all models; where one ends it, the next model gets a new one.
"""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from zoodiff import inferrer
from zoodiff.fault import Refusal

MEMORY: Final = 768 << 20
"""Bytes of address space that the process may take."""
SECONDS: Final = 8.0
SECONDS_PER_BYTE: Final = 1e-6
"""Seconds that one file may take there in all, and those beside for each byte of its graph."""


class InferenceError(Exception):
    """What onnx has against a model, in its words."""


class Inference:
    """What one file may ask of onnx: as often as it needs, for so long in all."""

    def __init__(self, size: int) -> None:
        self._end = time.monotonic() + SECONDS + size * SECONDS_PER_BYTE

    def shapes(self, model: bytes, *, strict: bool = False) -> bytes:
        """The model with the shapes that onnx infers. Raises InferenceError where onnx refuses it.

        Raises Refusal where it ends the process, or takes more time or memory than it may.
        """
        return self._ask(inferrer.STRICT_SHAPES if strict else inferrer.SHAPES, model)

    def inlined(self, model: bytes) -> bytes:
        """The model with the functions that it defines put where they are called; errors as for `shapes`."""
        return self._ask(inferrer.INLINE, model)

    def _ask(self, what: bytes, model: bytes) -> bytes:
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise _ended(-signal.SIGALRM)
        with _LOCK:
            process = _running()
            try:
                done, said = process.ask(what, model, seconds)
            except (OSError, EOFError):
                raise _ended(process.stop(grace=1)) from None
            except BaseException:  # Ctrl-C: the answer is still to come, and is nobody's
                process.stop()
                raise
        if not done:
            words = said.decode(errors="replace").strip().splitlines()[0]
            if "bad_alloc" in words or words == "MemoryError":
                raise _ended(None)
            raise InferenceError(words)
        return said


def start() -> None:
    """Start the process, if it does not run: it gets ready while we do something else."""
    with suppress(OSError), _LOCK:  # what hinders it is said when it is asked
        _running()


def _ended(code: int | None) -> Refusal:
    """The Refusal for a model that ended the process with an exit code; None: for want of memory."""
    if code == -signal.SIGALRM:
        why = "takes too long over it"
    elif code is None or code in (-signal.SIGKILL, -signal.SIGABRT):
        why = f"needs more than {MEMORY >> 20:,} MB for it"
    else:
        name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        why = f"crashes on it ({name})"
    return Refusal(
        f"the shapes of this network cannot be inferred: onnx {why}",
        "The file is damaged, or was made to do harm. If another tool runs it, please report it.",
    )


class _Process:
    """The other process, and the pipes to it; it ends when they close."""

    def __init__(self) -> None:
        found = find_spec("onnx")
        assert found is not None
        assert found.origin is not None
        script, folder = inferrer.__file__, Path(found.origin).parent
        libraries = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
        self.owner = os.getpid()
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", script, str(folder), str(MEMORY)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=libraries,
            start_new_session=True,  # Ctrl-C is for us alone
        )

    @property
    def runs(self) -> bool:
        """Whether it can be asked, by us: a fork of ours has no share in it."""
        return self.owner == os.getpid() and self._process.poll() is None

    def ask(self, what: bytes, model: bytes, seconds: float) -> tuple[bool, bytes]:
        """Whether it was done, and what was answered; EOFError or OSError where the process has ended."""
        requests, answers = self._process.stdin, self._process.stdout
        assert requests is not None
        assert answers is not None
        requests.write(inferrer.REQUEST.pack(what, seconds, len(model)))
        requests.write(model)
        requests.flush()
        head = answers.read(inferrer.ANSWER.size)
        if len(head) < inferrer.ANSWER.size:
            raise EOFError
        done, size = inferrer.ANSWER.unpack(head)
        said = answers.read(size)
        if len(said) < size:
            raise EOFError
        return done, said

    def stop(self, grace: float = 0) -> int:
        """End it, and return how it ended; in `grace` seconds it may end by itself, since the reason counts."""
        if grace:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(grace)
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                with suppress(OSError):  # what it did not read cannot be flushed
                    pipe.close()
        return self._process.wait()


_LOCK = threading.Lock()
_PROCESS: list[_Process] = []
"""The process that runs, if one does."""
_INHERITED: list[_Process] = []
"""What runs for the process that we are a fork of: dropped, it would complain that it still runs."""


def _running() -> _Process:
    if not _PROCESS or not _PROCESS[0].runs:
        _forget()
        _PROCESS.append(_Process())
    return _PROCESS[0]


def _forget() -> None:
    for process in _PROCESS:
        if process.owner == os.getpid():
            process.stop()
        else:
            _INHERITED.append(process)
    _PROCESS.clear()


def _reborn() -> None:
    """In a fork of ours, no thread is left that could give the lock back."""
    global _LOCK
    _LOCK = threading.Lock()


os.register_at_fork(after_in_child=_reborn)


atexit.register(_forget)
