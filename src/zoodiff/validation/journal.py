"""Keep a run's predictions as they come, so that it can be resumed whatever ended it."""

from __future__ import annotations

import errno
import fcntl
import json
import os
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple

from zoodiff import disk
from zoodiff.fault import Refusal

FORMAT: Final = 1
KIND: Final = "predictions-log"
_BEGINNING = b'{"format":'


class Answer(NamedTuple):
    """What came of one image: the outputs ranked first, or why it could not be decoded."""

    place: int
    """of the image among the data"""
    top: tuple[int, ...] = ()
    """the model's own outputs, best first"""
    broken: str = ""


class Journal:
    """An append-only log of answers about one model, data set and preprocessing; use it as a context.

    The first line says in JSON what was run; each next one is an image: its place and its ranked outputs, or `!` and a
    reason. A last line without its end was torn and is dropped; an image that was broken is no answer when the log is
    opened again, since its file may have been mended. While it is open nobody else can have it. Raises Refusal where it
    is of another run (`about` differs), of another format, in use, or damaged.
    """

    def __init__(self, path: Path, about: dict[str, Any]) -> None:
        self.path = path
        self.about: dict[str, Any] = {"format": FORMAT, "kind": KIND, **about}
        self.answers: dict[int, Answer] = {}

    def __enter__(self) -> Journal:
        if self.path.exists() and not self.path.is_file():
            raise self._strange("it is no regular file")
        with disk.writing(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("a+b", buffering=0)  # what a full disk refuses is not tried again at the end
        try:
            self._lock()
            self._read()
        except BaseException:
            self._file.close()
            raise
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._file.close()

    def add(self, answers: Iterable[Answer]) -> None:
        """Append answers; what has been returned from here outlives this process."""
        new = list(answers)
        lines = [_line(answer) for answer in new]
        self._write("".join(lines).encode())
        self.answers.update((answer.place, answer) for answer in new)

    def _lock(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
                raise
            raise Refusal(
                f"another zoodiff is writing {str(self.path)!r}", "Wait for it, or give another --log."
            ) from None

    def _read(self) -> None:
        """Take in what is there, or begin it; a torn end is cut off."""
        self._file.seek(0)
        lines = self._file.read().split(b"\n")
        torn = lines.pop()
        if not lines:
            if not _BEGINNING.startswith(torn[: len(_BEGINNING)]):
                raise self._strange("it does not begin as one")
            self._cut(0)
            self._write(json.dumps(self.about, sort_keys=False).encode() + b"\n")
            return
        self._check(lines[0])
        for number, line in enumerate(lines[1:], 2):
            answer = _answer(line)
            if answer is None or answer.place in self.answers:
                raise self._strange(f"line {number} is damaged: {line[:60]!r}")
            if not answer.broken:
                self.answers[answer.place] = answer
        if torn:
            self._cut(sum(len(line) + 1 for line in lines))

    def _write(self, data: bytes) -> None:
        with disk.writing(self.path):
            while data:
                data = data[self._file.write(data) :]

    def _cut(self, size: int) -> None:
        os.ftruncate(self._file.fileno(), size)

    def _check(self, head: bytes) -> None:
        try:
            told = json.loads(head)
        except (ValueError, RecursionError):
            told = None
        if not isinstance(told, dict) or told.get("kind") != KIND:
            raise self._strange("it does not begin as one")
        ours = json.loads(json.dumps(self.about))
        differ = [name for name in {**told, **ours} if told.get(name) != ours.get(name)]
        if differ:
            what = "; ".join(f"{name}: {_short(told.get(name))}, not {_short(ours.get(name))}" for name in differ)
            raise Refusal(
                f"the log {str(self.path)!r} is of another run ({what})",
                "Give another --log, or delete that one to begin again.",
            )

    def _strange(self, why: str) -> Refusal:
        return Refusal(f"{str(self.path)!r} is no log of predictions: {why}", "Give another --log, or delete it.")


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) < 200 else text[:200] + "..."


def _line(answer: Answer) -> str:
    if answer.broken:
        return f"{answer.place} ! {json.dumps(answer.broken)}\n"
    return f"{answer.place} {','.join(map(str, answer.top))}\n"


def _answer(line: bytes) -> Answer | None:
    """The answer in a line; None where it is none."""
    place, _, rest = line.partition(b" ")
    try:
        if rest.startswith(b"! "):
            return Answer(int(place), broken=str(json.loads(rest[2:])))
        return Answer(int(place), tuple(map(int, rest.split(b","))))
    except ValueError:
        return None
