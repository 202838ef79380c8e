"""Ask onnx's native code about a model in a process of its own, since files exist that make it crash, hang or grow.

The process is started once and answers for all models; where one ends it, the next model gets a new one.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from zoodiff.fault import Refusal
from zoodiff.reading import inferrer

MEMORY: Final = 768 << 20
"""Bytes of address space that the process may take."""
SECONDS: Final = 8.0
SECONDS_PER_BYTE: Final = 1e-6
"""Seconds that one file may take there in all, and those beside for each byte of its graph."""

PIPE: Final = 1 << 20
"""Bytes that a pipe to it holds: most graphs pass at once, and neither side waits for the other."""


class InferenceError(Exception):
    """What onnx has against a model, in its words."""


class Inference:
    """What one file may ask of onnx: as often as it needs, for so long in all."""

    def __init__(self, size: int) -> None:
        self._end = time.monotonic() + SECONDS + size * SECONDS_PER_BYTE

    def ask(self, model: bytes, *, strict: bool = False) -> Question:
        """Ask which shapes a model has, and go on: onnx finds them meanwhile."""
        return self._ask(inferrer.STRICT_SHAPES if strict else inferrer.SHAPES, model)

    def shapes(self, model: bytes, *, strict: bool = False) -> bytes:
        """The model with the shapes that onnx infers; errors as for `Question.answer`."""
        return self.ask(model, strict=strict).answer()

    def inlined(self, model: bytes) -> bytes:
        """The model with the functions that it defines put where they are called; errors as for `Question.answer`."""
        return self._ask(inferrer.INLINE, model).answer()

    def _ask(self, what: bytes, model: bytes) -> Question:
        question = Question()
        seconds = self._end - time.monotonic()
        with _LOCK:
            if seconds > 0:
                _running().hear()  # what was asked before is answered first, or ends the process
                _running().ask(question, what, model, seconds)
            else:
                question.code = -signal.SIGALRM
        return question


class Question:
    """What onnx was asked of a model."""

    def __init__(self) -> None:
        self.process: _Process | None = None
        """that works at it"""
        self.said: tuple[bool, bytes] | None = None
        """whether it was done, and what was answered"""
        self.code: int | None = None
        """how the process ended that should have answered"""

    def answer(self) -> bytes:
        """The model as onnx gives it back. Raises InferenceError where onnx refuses it.

        Raises Refusal where it ended the process, or would take more time or memory than it may.
        """
        with _LOCK:
            if self.process:
                self.process.hear()
        if self.said is None:
            raise _ended(self.code)
        done, said = self.said
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
        self._asked: Question | None = None
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", script, str(folder), str(MEMORY)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=libraries,
            start_new_session=True,  # Ctrl-C is for us alone
        )
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError, AttributeError):  # where the system grants it
                fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE)  # type: ignore[arg-type]

    @property
    def runs(self) -> bool:
        """Whether it can be asked, by us: a fork of ours has no share in it."""
        return self.owner == os.getpid() and self._process.poll() is None

    def ask(self, question: Question, what: bytes, model: bytes, seconds: float) -> None:
        """Send a model; what was asked before must have been heard."""
        requests = self._process.stdin
        assert requests is not None
        self._asked, question.process = question, self
        with self._speaking():
            requests.write(inferrer.REQUEST.pack(what, seconds, len(model)))
            requests.write(model)
            requests.flush()

    def hear(self) -> None:
        """Wait for the answer to what was asked, if it is still to come."""
        answers, asked = self._process.stdout, self._asked
        assert answers is not None
        if asked is None:
            return
        with self._speaking():
            head = answers.read(inferrer.ANSWER.size)
            if len(head) < inferrer.ANSWER.size:
                raise EOFError
            done, size = inferrer.ANSWER.unpack(head)
            said = answers.read(size)
            if len(said) < size:
                raise EOFError
            asked.said, asked.process, self._asked = (done, said), None, None

    @contextmanager
    def _speaking(self) -> Iterator[None]:
        try:
            yield
        except (OSError, EOFError):  # it has ended: its question says how
            self.stop(grace=1)
        except BaseException:  # Ctrl-C: the answer is still to come, and would be taken for another's
            self.stop()
            raise

    def stop(self, grace: float = 0) -> None:
        """End it, and tell its question how it ended; in `grace` seconds it may end by itself: the reason counts."""
        if grace:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(grace)
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                with suppress(OSError):  # what it did not read cannot be flushed
                    pipe.close()
        code = self._process.wait()
        if self._asked:
            self._asked.code, self._asked.process, self._asked = code, None, None


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
