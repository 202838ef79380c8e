"""What `verify --data` costs over bare onnxruntime on inputs that are ready in memory.

    python bench/running.py MODEL DATA [--like REF] [--rounds N]

Three ways to answer the same images, in interleaved rounds, each in onnxruntime with the same number of threads:
*bare* (one batch after the other, prepared beforehand, in this process), *runner* (the same inputs in the process of
its own) and *verify* (files read, decoded and prepared, answers kept in a log). Printed: medians and their ratios, the
time that all threads together had a processor (which a busy machine changes less), and what preparing alone takes.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from zoodiff import dataset, preprocess, reference, runnable, running
from zoodiff.record import Preprocessing
from zoodiff.runner import SLOTS
from zoodiff.running import Subject


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


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("model", help="a file, or a published model, which then has random weights")
    parser.add_argument("data", type=Path)
    parser.add_argument("--like")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--images", type=int, default=240)
    wanted = parser.parse_args()
    weights = reference.find(wanted.like or wanted.model).weights
    stated = weights.preprocessing if weights else Preprocessing()
    with (
        tempfile.TemporaryDirectory() as work,
        running.load(file(wanted.model, Path(work)), wanted.data, stated) as subject,
    ):
        found = dataset.open(wanted.data)
        order = found.order(None)[: wanted.images]
        inputs = np.empty((len(order), *subject.runner.inputs.shape[2:]), subject.runner.inputs.dtype)
        began = time.monotonic()
        for row, place in zip(inputs, order.tolist(), strict=True):
            preprocess.prepare(found.read(place), subject.pipeline, row, subject.runner.interface.quantisation)
        preparing = time.monotonic() - began
        ways = {
            "bare": bare(subject, inputs),
            "runner": alone(subject, inputs),
            "verify": whole(subject, Path(work), order),
        }
        times: dict[str, list[float]] = {name: [] for name in ways}
        used = dict.fromkeys(ways, 0.0)
        both = (os.getpid(), subject.runner._child._process.pid)
        for way in ways.values():
            way()  # warm
        for _ in range(wanted.rounds):
            for name, way in ways.items():
                began, before = time.monotonic(), processor(*both)
                way()
                times[name].append(time.monotonic() - began)
                used[name] += processor(*both) - before
    base = statistics.median(times["bare"])
    print(f"{Path(wanted.model).name}, {len(order)} images, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"preparing alone, one thread: {1000 * preparing / len(order):.2f} ms an image")
    for name, taken in times.items():
        middle = statistics.median(taken)
        processors = 1000 * used[name] / len(order) / wanted.rounds
        print(
            f"{name:7} {1000 * middle / len(order):7.2f} ms an image, {middle / base:.3f} x bare; "
            f"{processors:7.2f} ms of processor, {used[name] / used['bare']:.3f} x bare"
        )


if __name__ == "__main__":
    main()
