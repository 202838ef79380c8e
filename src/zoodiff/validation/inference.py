"""Run a model over images: decoding in threads ahead of the model, within bounded memory, in a stated order."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Any, Final

import numpy as np

from zoodiff.fault import Refusal
from zoodiff.validation import preprocess
from zoodiff.validation.dataset import Dataset
from zoodiff.validation.journal import Answer
from zoodiff.validation.pipeline import Pipeline
from zoodiff.validation.preprocess import Broken
from zoodiff.validation.runner import SLOTS, Runner

Array = np.ndarray[Any, Any]

BEST: Final = 5
"""outputs that are kept for an image"""
AHEAD: Final = 2
"""batches that wait in the model's queue: it never waits for an answer to be read"""


def infer(
    found: Dataset, places: Iterable[int], pipeline: Pipeline, runner: Runner, workers: int | None = None
) -> Generator[list[Answer], None, None]:
    """Answers about the images at these places, a batch at a time, in the order of the places.

    `runner` is prepared for what the pipeline makes. Raises Refusal where a score is no number.
    """
    quantisation = runner.interface.quantisation

    def fill(place: int, row: Array) -> str:
        """Write an image's input; the reason where it is broken."""
        try:
            preprocess.prepare(found.read(place), pipeline, row, quantisation)
        except (Broken, OSError, ValueError) as error:
            return str(error) or type(error).__name__
        return ""

    runner.settle()
    batches = _batches(iter(places), runner.inputs.shape[1])
    free = deque(range(SLOTS))
    filling: deque[tuple[int, Sequence[int], list[Future[str]]]] = deque()
    asked: deque[tuple[int, Sequence[int], list[str]]] = deque()
    pool = ThreadPoolExecutor(workers or os.cpu_count() or 1, thread_name_prefix="decode")
    try:
        while True:
            while free and (batch := next(batches, None)):
                slot = free.popleft()
                rows = runner.inputs[slot]
                filling.append((slot, batch, [pool.submit(fill, place, rows[at]) for at, place in enumerate(batch)]))
            while filling and len(asked) < AHEAD:
                slot, batch, futures = filling.popleft()
                reasons = [future.result() for future in futures]
                runner.ask(slot, len(batch))
                asked.append((slot, batch, reasons))
            if not asked:
                return
            slot, batch, reasons = asked.popleft()
            if runner.answered() != slot:
                raise RuntimeError("answers came in another order than they were asked for")
            answers = ranked(runner.outputs[slot, : len(batch)], batch, reasons)
            free.append(slot)
            yield answers
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _batches(places: Iterator[int], size: int) -> Iterator[Sequence[int]]:
    while batch := tuple(int(place) for place in islice(places, size)):
        yield batch


def ranked(scores: Array, places: Sequence[int], reasons: Sequence[str]) -> list[Answer]:
    """The best outputs for each image; of equal scores the lower output comes first. Raises Refusal on NaN."""
    sound = np.array([not reason for reason in reasons])
    wrong = np.flatnonzero(np.isnan(scores).any(1) & sound)
    if len(wrong):
        raise Refusal(
            f"the model's scores for {len(wrong)} of {len(places)} images are not numbers (NaN)",
            "Are its weights whole, and is the input in the range that it was trained for?",
        )
    order = np.argsort(-scores, axis=1, kind="stable")[:, :BEST]
    return [
        Answer(place, broken=reason) if reason else Answer(place, tuple(row))
        for place, reason, row in zip(places, reasons, order.tolist(), strict=True)
    ]
