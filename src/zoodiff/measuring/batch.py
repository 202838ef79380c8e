"""Measure many networks: a process a core where they are many, in the order given, what is refused among the rest."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Final

from zoodiff.fault import Refusal
from zoodiff.measuring.measurement import Measurement, measure
from zoodiff.reading.reference import Inputs, Network

if TYPE_CHECKING:
    from concurrent.futures import Executor

Progress = Callable[[int, int, str], None]
"""Told how many models are done, of how many, and the one at hand."""

Asked = tuple[str | Network, Inputs | None]
"""A network and the input sizes to measure it at."""

MANY: Final = 24
"""Networks from which on several processes are worth their start."""


def measured(
    asked: Sequence[Asked], executor: Executor | None = None, *, parts: bool = False
) -> Iterator[Measurement | Refusal]:
    """Measure each network, by `executor` where there is one; `parts` as for `measure`."""
    one = partial(_measured, parts=parts)
    return map(one, asked) if executor is None else executor.map(one, asked, chunksize=4)


def _measured(asked: Asked, *, parts: bool) -> Measurement | Refusal:
    try:
        return measure(*asked, parts=parts)
    except Refusal as refusal:
        return refusal


@contextmanager
def workers(given: Executor | None, networks: int, many: int = MANY) -> Iterator[Executor | None]:
    """The executor for work on so many networks: the one given, or a process a core from `many` on; else None."""
    if given is not None or networks < many:
        yield given
        return
    import multiprocessing  # a single network needs neither, and would wait for them
    from concurrent.futures import ProcessPoolExecutor

    if "fork" not in multiprocessing.get_all_start_methods():
        yield None
        return
    context = multiprocessing.get_context("fork")  # shares the snapshots, and needs no guard in a user's script
    made = ProcessPoolExecutor(os.cpu_count(), context, _leave_interrupts_to_the_parent)
    try:
        yield made
    finally:
        made.shutdown(wait=True, cancel_futures=True)


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
