"""What `verify --data` costs over bare onnxruntime on inputs that are ready in memory, in wall time.

    python bench/running.py DATA [MODEL...] [--rounds N] [--images N] [--out bench/running-results.md]

DATA holds labelled photographs; a MODEL is a published one (it then has random weights) or a file and the model that
it is like (`model.onnx=torchvision:squeezenet1_1`); without any, three of Torchvision's that differ in cost. Three ways
to answer the same images, in interleaved rounds, each in onnxruntime with the same number of threads: *bare* (one batch
after the other, prepared beforehand, in this process), *runner* (the same inputs in a process of its own) and *verify*
(files read, decoded and prepared, answers kept in a log). Ratios are taken round by round. The time that all threads
together had a processor stands beside them: a busy machine changes it less.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import numpy as np

from zoodiff.reading import reference
from zoodiff.record import Preprocessing
from zoodiff.timing import machine, runnable
from zoodiff.validation import dataset, preprocess, running
from zoodiff.validation.runner import SLOTS
from zoodiff.validation.running import Subject


def bare(subject: Subject, inputs: np.ndarray) -> Callable[[], None]:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = subject.runner.threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # as the runner does
    session = onnxruntime.InferenceSession(str(subject.runner.path), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    size = subject.runner.inputs.shape[1]
    batches = [inputs[at : at + size] for at in range(0, len(inputs), size)]

    def answer() -> None:
        for batch in batches:
            session.run(None, {name: batch})

    return answer


def alone(subject: Subject, inputs: np.ndarray) -> Callable[[], None]:
    """The runner fed with what is ready, so that only the two processes' talk is added."""
    runner = subject.runner
    size = runner.inputs.shape[1]

    def answer() -> None:
        waiting = 0
        for number, at in enumerate(range(0, len(inputs), size)):
            batch = inputs[at : at + size]
            runner.inputs[number % SLOTS, : len(batch)] = batch
            runner.ask(number % SLOTS, len(batch))
            waiting += 1
            if waiting == SLOTS - 1:
                runner.answered()
                waiting -= 1
        for _ in range(waiting):
            runner.answered()

    return answer


def whole(subject: Subject, folder: Path, order: np.ndarray) -> Callable[[], None]:
    def answer() -> None:
        log = folder / str(time.monotonic_ns())
        running.run(subject, order=order, log=log)

    return answer


def processor(*ids: int) -> float:
    """Seconds that processes have had a processor, all their threads together."""
    ticks = 0
    for one in ids:
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def file(model: str, folder: Path) -> Path:
    network = reference.find(model)
    return network.path or runnable.write(network, network.graph(), folder).path


@dataclass
class Way:
    """One way to answer the images, and how long it took in each round."""

    answer: Callable[[], None]
    wall: list[float] = field(default_factory=list)
    used: list[float] = field(default_factory=list)

    def take(self, processes: tuple[int, ...]) -> None:
        began, before = time.monotonic(), processor(*processes)
        self.answer()
        self.wall.append(time.monotonic() - began)
        self.used.append(processor(*processes) - before)


def measure(model: str, data: Path, rounds: int, most: int) -> Iterator[str]:
    """Rows of the table for one model."""
    named, _, like = model.partition("=")
    weights = reference.find(like or named).weights
    stated = weights.preprocessing if weights else Preprocessing()
    with (
        tempfile.TemporaryDirectory() as work,
        running.load(file(named, Path(work)), data, stated) as subject,
    ):
        found = dataset.open(data)
        order = found.order(None)[:most]
        inputs = np.empty((len(order), *subject.runner.inputs.shape[2:]), subject.runner.inputs.dtype)
        began = time.thread_time()
        for row, place in zip(inputs, order.tolist(), strict=True):
            preprocess.prepare(found.read(place), subject.pipeline, row, subject.runner.interface.quantisation)
        preparing = 1000 * (time.thread_time() - began) / len(order)
        ways = {
            "bare": Way(bare(subject, inputs)),
            "runner": Way(alone(subject, inputs)),
            "verify": Way(whole(subject, Path(work), order)),
        }
        for way in ways.values():
            way.answer()  # warm
        for _ in range(rounds):
            for way in ways.values():
                way.take((os.getpid(), subject.runner._child._process.pid))
    base = ways["bare"]
    for name, way in ways.items():
        ratios = sorted(one / other for one, other in zip(way.wall, base.wall, strict=True))
        title = f"{Path(named).name}, {len(order)} images, {preparing:.1f} ms to prepare one" if way is base else ""
        wall, used = (1000 * statistics.median(times) / len(order) for times in (way.wall, way.used))
        share = statistics.median(way.used) / statistics.median(base.used)
        yield (
            f"| {title} | {name} | {wall:.2f} | {statistics.median(ratios):.3f} ({ratios[0]:.3f} to {ratios[-1]:.3f}) "
            f"| {used:.2f} | {share:.3f} |"
        )


MODELS = ("torchvision:resnet50", "torchvision:mobilenet_v2", "torchvision:squeezenet1_1")
HEAD = """# What `verify --data` costs over bare onnxruntime

`python bench/running.py DATA --out bench/running-results.md`, which says what the three ways are. {rounds} interleaved
rounds; onnxruntime {version} on {cores} cores ({cpu}); load before {before:.1f}, after {after:.1f}. The aim: at
most 1.10 times the wall time of *bare* where the model takes ten times as long as preparing its images. At a load
beyond the number of cores other work had the processors too: wall times are then noise, and the time on a processor is
what can be read.

| model | way | wall ms an image | x bare (range of rounds) | processor ms | x bare |
|---|---|---:|---:|---:|---:|
"""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("models", nargs="*", default=MODELS)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--images", type=int, default=96)
    parser.add_argument("--out", type=Path, help="write the results here too")
    wanted = parser.parse_args()
    before = os.getloadavg()[0]
    rows: list[str] = []
    for model in wanted.models:
        for row in measure(model, wanted.data, wanted.rounds, wanted.images):
            print(row, flush=True)
            rows.append(row)
    told = {"version": version("onnxruntime"), "cores": os.cpu_count(), "cpu": machine.here().cpu}
    head = HEAD.format(rounds=wanted.rounds, before=before, after=os.getloadavg()[0], **told)
    if wanted.out:
        wanted.out.write_text(head + "\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
