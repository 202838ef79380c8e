"""Have a model answer labelled images: resumed where it was ended, with broken images counted and bounded."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from zoodiff import places
from zoodiff.accuracy.classes import NONE
from zoodiff.accuracy.predictions import Predictions
from zoodiff.fault import Refusal
from zoodiff.reading.reference import hash_file
from zoodiff.record import Preprocessing, Unmeasured
from zoodiff.validation import dataset, preprocess
from zoodiff.validation.dataset import Dataset, Indices, Targets
from zoodiff.validation.inference import infer
from zoodiff.validation.journal import Answer, Journal
from zoodiff.validation.pipeline import Pipeline, complete, result
from zoodiff.validation.runner import Runner

BROKEN: Final = 0.001
"""the part of the images that may be broken, unless the user allows more"""
EVERY: Final = 0.2
"""seconds between two looks at what is kept: answers are gathered meanwhile"""

Tell = Callable[[int, int, str], None]
"""done, of how many, and what is at hand"""
Decide = Callable[[int, int], bool]
"""whether to stop, from the number of right first answers among so many"""


@dataclass(frozen=True)
class Subject:
    """A loaded model, the data, and what each means to the other; no image has been read yet."""

    runner: Runner
    found: Dataset
    targets: Targets
    pipeline: Pipeline
    assumed: tuple[str, ...]
    """what of the pipeline the record does not state"""
    as_stated: bool = True
    """whether the pipeline is what the record states, as far as it does"""

    @cached_property
    def about(self) -> dict[str, Any]:
        """What a log of answers is about."""
        return {
            "model": {"file": self.runner.path.name, "sha256": self.sha256},
            "data": {"layout": self.found.layout, "images": len(self.found), "sha256": self.found.sha256},
            "preprocessing": msgspec.to_builtins(self.pipeline),
            "runtime": self.runner.interface.runtime,
        }

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the network's input."""
        shape = self.runner.inputs.shape[2:]
        return (shape[1], shape[2]) if self.pipeline.layout == "NCHW" else (shape[0], shape[1])

    @cached_property
    def sha256(self) -> str:
        """Hash of the model's file."""
        return hash_file(self.runner.path)

    @cached_property
    def log(self) -> Path:
        """Where answers are kept unless the user says: a file of its own for each model, data and preprocessing."""
        key = hashlib.sha256(json.dumps(self.about).encode()).hexdigest()[:16]
        return places.caches() / "runs" / f"{self.runner.path.stem}-{key}.log"

    @property
    def reservation(self) -> str:
        """Why an accuracy on the data is no estimate of validation accuracy; empty where they are that set."""
        return dataset.reservation(self.found, self.targets.labels)


@dataclass(frozen=True)
class Run:
    """The answers of a model about images."""

    subject: Subject
    answers: tuple[Answer, ...]
    """in the order in which images were taken, the broken ones too"""
    log: Path | None
    seconds: float
    """that this run took, without loading"""
    fresh: int
    """images that were answered in it; the others were in the log"""

    @cached_property
    def predictions(self) -> Predictions:
        """Ranked classes beside the labels; broken images are in none of the rows."""
        whole = [answer for answer in self.answers if not answer.broken]
        places = [answer.place for answer in whole]
        names = [self.subject.found.identities[place] for place in places]
        labels = self.subject.targets.labels[places]
        return Predictions.of(self.classes, labels, images=names, source=str(self.subject.found.path))

    @cached_property
    def classes(self) -> Indices:
        """Ranked classes of each image that is not broken: images x best; -1 is an output that is no class."""
        top = np.array([answer.top for answer in self.answers if not answer.broken], np.int64)
        return classes(top, self.subject.targets)

    @property
    def broken(self) -> tuple[tuple[str, str], ...]:
        """Images that could not be decoded, and why."""
        names = self.subject.found.identities
        return tuple((names[answer.place], answer.broken) for answer in self.answers if answer.broken)


def classes(top: Indices, targets: Targets) -> Indices:
    """Outputs as classes counted from 0; outputs that are no class become -1."""
    shifted = top - targets.offset
    return np.where((shifted < 0) | (shifted >= targets.classes), NONE, shifted)


@contextmanager
def load(
    path: Path,
    data: Path | str,
    stated: Preprocessing | Unmeasured,
    *,
    zoo: str = "",
    name: str = "",
    threads: int | None = None,
) -> Iterator[Subject]:
    """Load a model and list the data; they are checked against each other before an image is read.

    `stated` is what the model's record says of preprocessing; `zoo` and `name` (`MODEL/WEIGHTS`) say whose network it
    is, for files that hold weights alone. Raises Refusal where the file is no model that can be
    run, the data are not there, or classes, outputs, input and record do not fit each other.
    """
    preprocess.require()
    found = dataset.open(data)
    with Runner(path, zoo, name, threads=threads) as runner:
        interface = runner.interface
        if interface.classes is None:
            raise Refusal(f"{str(path)!r} does not say how many classes it has", "Is it a classifier of pictures?")
        pipeline, assumed = complete(stated, interface.shape)
        offset = stated.label_offset or None if isinstance(stated, Preprocessing) else None
        targets = dataset.targets(found, interface.classes, offset)
        runner.prepare(shape(pipeline, interface.shape), interface.classes)
        yield Subject(runner, found, targets, pipeline, assumed)


def shape(pipeline: Pipeline, declared: tuple[int | None, ...]) -> tuple[int, ...]:
    """The shape of one image's input: free sizes are those that the pipeline makes."""
    height, width = result(pipeline) or (None, None)
    sizes = (3, height, width) if pipeline.layout == "NCHW" else (height, width, 3)
    found = [size or made for size, made in zip(declared[1:], sizes, strict=True)]
    if None in found:
        raise Refusal(f"the model leaves its input's size free ({declared}), and so does the preprocessing")
    return tuple(size for size in found if size is not None)


def run(
    subject: Subject,
    *,
    order: Indices | None = None,
    log: Path | None = None,
    broken: int | None = None,
    stop: Decide | None = None,
    tell: Tell | None = None,
) -> Run:
    """Have images answered in this order (default: all, as listed), and keep the answers in a log as they come.

    What the log already has is not run again, except broken images. `broken`: how many of them there may be (default:
    0.1 % of those asked for). `stop` is asked as answers come in whether that is enough. Raises Refusal where more are
    broken, where a score is no number, and where the log is of another run.
    """
    order = subject.found.order(None) if order is None else order
    allowed = int(BROKEN * len(order)) if broken is None else broken
    path = log or subject.log
    began = time.monotonic()
    with Journal(path, subject.about) as journal:
        known = len(journal.answers)
        missing = [int(place) for place in order if place not in journal.answers]
        progress = _Progress(subject, order, allowed, journal, known, tell, stop)
        if not progress.enough():
            batches = infer(subject.found, missing, subject.pipeline, subject.runner)
            try:
                for answers in _gathered(batches):
                    journal.add(answers)
                    if progress.enough():
                        break
            finally:
                batches.close()
        taken = tuple(journal.answers[int(place)] for place in order[: progress.seen])
        fresh = len(journal.answers) - known
    return Run(subject, taken, path, time.monotonic() - began, fresh)


def _gathered(batches: Iterator[list[Answer]]) -> Iterator[list[Answer]]:
    """Answers of several batches at once where they come quickly, so that keeping them costs nothing."""
    held: list[Answer] = []
    since = time.monotonic()
    for answers in batches:
        held += answers
        if time.monotonic() - since >= EVERY:
            yield held
            held, since = [], time.monotonic()
    if held:
        yield held


class _Progress:
    """How far a run has got along its order, and whether that is enough."""

    def __init__(
        self,
        subject: Subject,
        order: Indices,
        allowed: int,
        journal: Journal,
        known: int,
        tell: Tell | None,
        stop: Decide | None,
    ) -> None:
        self.subject, self.order, self.allowed, self.journal = subject, order.tolist(), allowed, journal
        self.known, self.tell, self.stop = known, tell, stop
        self.seen = self.right = self.broken = 0
        self.began = time.monotonic()

    def enough(self) -> bool:
        """Take in the answers that have come, in order; whether to stop. Raises Refusal on too many broken images."""
        targets, answers = self.subject.targets, self.journal.answers
        while self.seen < len(self.order) and (answer := answers.get(self.order[self.seen])):
            self.seen += 1
            self.broken += bool(answer.broken)
            self.right += bool(answer.top) and answer.top[0] - targets.offset == targets.labels[answer.place]
            if self.broken > self.allowed:
                raise self._too_many(answer)
        sound = self.seen - self.broken
        if self.tell is not None:
            rate = (len(answers) - self.known) / max(time.monotonic() - self.began, 1e-9)
            right = f", {100 * self.right / sound:.2f} % right" if sound else ""
            self.tell(self.seen, len(self.order), f"{rate:,.0f} images/s{right}")
        return self.seen == len(self.order) or (sound > 0 and self.stop is not None and self.stop(self.right, sound))

    def _too_many(self, last: Answer) -> Refusal:
        name = self.subject.found.identities[last.place]
        listed = [self.subject.found.identities[a.place] for a in self.journal.answers.values() if a.broken]
        some = ", ".join(map(repr, listed[:5])) + (", ..." if len(listed) > 5 else "")
        return Refusal(
            f"{self.broken:,} of the first {self.seen:,} images cannot be decoded, and {self.allowed:,} may be "
            f"({some}); the last, {name!r}: {last.broken}",
            "Are the files whole? --broken N allows N of them: they are then left out and listed.",
        )
