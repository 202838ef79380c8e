"""Time a network in onnxruntime: the half that runs in a process of its own, once a round."""

from __future__ import annotations

import gc
import os
import sys
import time
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

MODEL: Final = "model.onnx"
ORDER, READING = "order.json", "reading.json"


class Order(msgspec.Struct, frozen=True):
    """What to time, and how."""

    inputs: list[tuple[str, str, list[int]]]
    """name, element type and dimensions"""
    threads: int
    processors: tuple[int, ...]
    """those that it may run on; empty: any"""
    memory: int
    """bytes of address space that it may take"""
    runs: int | None
    """how many runs are timed; None: as many as fit into `seconds`, within `bounds`"""
    seconds: float
    bounds: tuple[int, int]
    warm_up: tuple[int, float]
    """at least so many runs and so many seconds come first, and are not counted"""
    seed: int
    flush: bool
    """whether numbers too small to be normal become 0: random weights may make them, and they are slow"""


class Reading(msgspec.Struct, frozen=True):
    """What one round showed."""

    times: list[int]
    """nanoseconds of each run, in their order"""
    processor: int
    """nanoseconds that the process had a processor meanwhile, all its threads together"""
    warm_up: int
    """runs that came first"""
    peak: int
    """bytes of memory that the process had at most"""
    idle: int
    """of which it had before it read the model"""


def main(folder: Path) -> None:
    """Read the order beside the model, time the model, and write the reading there."""
    order = msgspec.json.decode((folder / ORDER).read_bytes(), type=Order)
    _limit(order)
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = order.threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.add_session_config_entry("session.set_denormal_as_zero", str(int(order.flush)))
    idle = _peak()
    session = onnxruntime.InferenceSession(str(folder / MODEL), options, providers=["CPUExecutionProvider"])
    feeds = feed(order)
    warm, first = _warm(session, feeds, order)
    runs, before = order.runs or _runs(order, first), time.process_time_ns()
    times = _times(session, feeds, runs)
    had = time.process_time_ns() - before
    (folder / READING).write_bytes(msgspec.json.encode(Reading(times, had, warm, _peak(), idle)))


def _limit(order: Order) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (order.memory, order.memory))
    if order.processors:
        os.sched_setaffinity(0, order.processors)


def feed(order: Order) -> dict[str, np.ndarray[Any, Any]]:
    """Random inputs: normal numbers, pixels of 0 to 255, or zeros and ones."""
    random = np.random.default_rng(order.seed)
    made: dict[str, np.ndarray[Any, Any]] = {}
    for name, dtype, shape in order.inputs:
        if "float" in dtype:
            made[name] = random.standard_normal(shape, np.float32).astype(dtype)
        else:
            made[name] = random.integers(0, 256 if dtype == "uint8" else 2, shape).astype(dtype)
    return made


def _warm(session: Any, feeds: dict[str, Any], order: Order) -> tuple[int, float]:
    """Run until all is in place; how often that was, and the seconds of the fastest run."""
    least, seconds = order.warm_up
    times: list[int] = []
    while len(times) < least or sum(times) < 1e9 * seconds:
        times += _times(session, feeds, 1)
    return len(times), min(times) / 1e9


def _runs(order: Order, seconds: float) -> int:
    """How many runs of so many seconds fit."""
    low, high = order.bounds
    return max(low, min(high, round(order.seconds / max(seconds, 1e-9))))


def _times(session: Any, feeds: dict[str, Any], runs: int) -> list[int]:
    now, times = time.perf_counter_ns, []
    collecting = gc.isenabled()
    gc.disable()
    for _ in range(runs):
        start = now()
        session.run(None, feeds)
        times.append(now() - start)
    if collecting:
        gc.enable()
    return times


def _peak() -> int:
    """Bytes of memory that this process has had at most.

    Linux keeps that for the program since it began (proc(5), VmHWM); `getrusage` there counts in what the process was
    before it became this program.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) << 10
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most << 10


if __name__ == "__main__":
    main(Path(sys.argv[1]))
