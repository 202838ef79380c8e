"""Time networks: they take turns in interleaved rounds, each round of each a process of its own, with limits."""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from zoodiff import child
from zoodiff.fault import Refusal
from zoodiff.measuring.count import count
from zoodiff.proof import execute
from zoodiff.reading.reference import Inputs, Network, find
from zoodiff.record import Graph, Unmeasured
from zoodiff.timing import machine, runnable, timed
from zoodiff.timing.latency import Bench, Latency, Settings, Untimed

if TYPE_CHECKING:
    import onnx

_SECONDS, _BOUNDS, _WARM_UP = 0.5, (3, 200), (2, 0.2)
"""Of one model in one round: the time that its runs may take, how many they are, and what comes first."""
_BASE: Final = 200 << 20
"""Bytes that onnxruntime and Python take before they know of a model, with room to spare."""


class Job(NamedTuple):
    """A network that is ready to be timed, in a folder of its own."""

    network: Network
    graph: Graph
    macs: int | None
    prepared: runnable.Runnable
    folder: Path


Timer = Callable[[Job, timed.Order], timed.Reading]
"""Times one network once; raises Refusal where that cannot be done."""
Progress = Callable[[int, int, str], None]
"""Told how many rounds of models are done, of how many, and the model at hand."""


def bench(
    models: Sequence[str | Path | Network | onnx.ModelProto],
    inputs: Inputs | None = None,
    batch: int | None = None,
    settings: Settings | None = None,
    *,
    random_weights: bool = False,
    progress: Progress | None = None,
    timer: Timer | None = None,
) -> Bench:
    """Time networks in onnxruntime on this machine, all of them once a round, in an order shuffled for each round.

    `inputs` maps an input's name (the empty name: the only input) to its dimensions, `batch` is the first dimension of
    every input. Each round of each model is a process of its own, bound to as many processors as it has threads.
    Raises Refusal where onnxruntime is absent, a setting makes no sense, or a model is not known: before any is timed.
    """
    settings = settings or Settings()
    networks = [find(model) for model in models]
    bound = _processors(settings)
    if timer is None:
        execute.require()
    before, began = machine.load(), f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    untimed: dict[int, Untimed] = {}
    with ExitStack() as stack:
        stack.enter_context(child.interruptible())
        jobs: dict[int, Job] = {}
        for at, network in enumerate(networks):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="zoodiff-")))
            try:
                jobs[at] = _job(network, inputs, batch, folder, random_weights)
            except Refusal as refusal:
                untimed[at] = Untimed(network.ref, refusal.message, refusal.hint)
        readings = _rounds(jobs, settings, bound, timer or _timed, progress, untimed)
    return Bench(
        machine=machine.here(),
        settings=settings,
        processors=bound,
        began=began,
        load=(before, machine.load()),
        models=tuple(_latency(jobs[at], readings[at]) for at in sorted(readings)),
        untimed=tuple(untimed[at] for at in sorted(untimed)),
    )


def _processors(settings: Settings) -> tuple[int, ...]:
    """The processors to bind to: the last ones, since systems do their own work on the first."""
    allowed = machine.processors()
    if allowed and settings.threads > len(allowed):
        raise Refusal(
            f"--threads {settings.threads}: this process may use {len(allowed)} processors",
            "More threads than processors would wait for each other.",
        )
    return allowed[-settings.threads :]


def _job(network: Network, inputs: Inputs | None, batch: int | None, folder: Path, random_weights: bool) -> Job:
    graph = network.graph(inputs)
    if batch is not None:
        graph = network.graph({v.name: (batch, *(v.shape or (None,))[1:]) for v in graph.inputs})
    counts = count(graph)
    peak = counts.peak_activation_bytes
    predicted = _BASE + 3 * counts.weight_bytes + 2 * (0 if isinstance(peak, Unmeasured) else peak)
    free = min(machine.available() or execute.MEMORY, execute.MEMORY)
    if predicted > free:
        raise Refusal(f"it would take about {_gib(predicted)} of memory, and there are {_gib(free)}")
    macs = counts.macs.value if counts.complete else None
    return Job(network, graph, macs, runnable.write(network, graph, folder, random_weights), folder)


def _gib(size: int) -> str:
    return f"{size / (1 << 30):.1f} GiB"


def _rounds(
    jobs: Mapping[int, Job],
    settings: Settings,
    bound: tuple[int, ...],
    timer: Timer,
    progress: Progress | None,
    untimed: dict[int, Untimed],
) -> dict[int, list[timed.Reading]]:
    """Let the models take turns; one that fails is out, with the reason."""
    shuffled, readings = random.Random(settings.seed), {at: list[timed.Reading]() for at in jobs}
    for number in range(settings.rounds):
        turns = list(readings)
        shuffled.shuffle(turns)
        for turn, at in enumerate(turns):
            if progress:
                progress(number * len(turns) + turn, settings.rounds * len(turns), jobs[at].network.ref)
            try:
                readings[at].append(timer(jobs[at], _order(jobs[at], readings[at], settings, bound)))
            except Refusal as refusal:
                untimed[at] = Untimed(jobs[at].network.ref, refusal.message, refusal.hint)
                del readings[at]
    return readings


def _order(job: Job, readings: list[timed.Reading], settings: Settings, bound: tuple[int, ...]) -> timed.Order:
    return timed.Order(
        inputs=job.prepared.inputs,
        threads=settings.threads,
        processors=bound,
        memory=execute.MEMORY,
        runs=len(readings[0].times) if readings else settings.runs,
        seconds=_SECONDS,
        bounds=_BOUNDS,
        warm_up=_WARM_UP,
        seed=settings.seed,
        flush=job.prepared.weights == "random",
    )


def _timed(job: Job, order: timed.Order) -> timed.Reading:
    """Time a network in a process of its own."""
    (job.folder / timed.ORDER).write_bytes(msgspec.json.encode(order))
    log = job.folder / "log"
    log.unlink(missing_ok=True)
    environment = {
        **child.guest_environment(job.folder),
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "TMPDIR": str(job.folder),
        "OMP_NUM_THREADS": str(order.threads),
    }
    command: list[str | Path] = [sys.executable, "-P", "-m", "zoodiff.timing.timed", job.folder]
    code = child.run(command, environment, job.folder, log, execute.SECONDS)
    if code != 0:
        raise Refusal(f"onnxruntime does not run it: {child.why(code, log)}")
    return msgspec.json.decode((job.folder / timed.READING).read_bytes(), type=timed.Reading)


def _latency(job: Job, readings: Sequence[timed.Reading]) -> Latency:
    about = job.network.about()
    return Latency(
        ref=job.network.ref,
        architecture=about["architecture"],
        sha256=about["sha256"],
        weights=job.prepared.weights,
        stand_in=about["stand_in"],
        input={name: tuple(shape) for name, _, shape in job.prepared.inputs},
        macs=job.macs,
        rounds=tuple(tuple(reading.times) for reading in readings),
        processor=tuple(reading.processor for reading in readings),
        warm_up=min(reading.warm_up for reading in readings),
        peak_memory=max(reading.peak for reading in readings),
        idle_memory=max(reading.idle for reading in readings),
    )
