"""Guests that gather models side by side, within limits, and what becomes of a model whose guest dies."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from zoodiff import child
from zoodiff.fault import Refusal
from zoodiff.gathering.step import Progress, Step, span
from zoodiff.gathering.work import Work

MODEL_SECONDS = 1800.0
"""how long one model may take"""
ALL_SECONDS = 6 * 3600.0
"""how long a whole zoo may take"""
PROCESSES = 2
"""guests that run at once"""
_PAUSE = 0.05


class Limits(NamedTuple):
    """How long things may take, in seconds, and how many guests run at once."""

    model: float = MODEL_SECONDS
    all: float = ALL_SECONDS
    processes: int = PROCESSES


DEFAULT = Limits()


@dataclass
class _Guest:
    """A running guest: the models that it was given and has not finished, and since when it works on the first."""

    child: child.Child
    names: list[str]
    alone: bool
    since: float = field(default_factory=time.monotonic)


class Run:
    """Gather models by guests of a few models each, and outlast whatever becomes of a guest."""

    def __init__(self, work: Work, names: Sequence[str], progress: Progress, limits: Limits) -> None:
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
                        f"{self.work.zoo} was not gathered within {span(self.limits.all)}",
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
            self.lose(left[0], f"it took longer than {span(self.limits.model)}")
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
