"""How long networks take on this machine: interleaved rounds, each in a process of its own, with honest intervals."""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np

from zoodiff import child, execute, machine, median, runnable, timed
from zoodiff.count import count
from zoodiff.fault import Refusal
from zoodiff.machine import Machine
from zoodiff.median import Estimate
from zoodiff.record import Graph, Unmeasured
from zoodiff.reference import Inputs, Network, find

FORMAT: Final = 1
QUANTILES: Final = (50, 90, 99)
_SECONDS, _BOUNDS, _WARM_UP = 0.5, (3, 200), (2, 0.2)
"""Of one model in one round: the time that its runs may take, how many they are, and what comes first."""
_UNDISTURBED: Final = 0.95
_BASE: Final = 200 << 20
"""Bytes that onnxruntime and Python take before they know of a model, with room to spare."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How networks are timed; times under other settings are not compared."""

    threads: int = 1
    rounds: int = 10
    runs: int | None = None
    """timed runs a round; None: as many as fit into half a second, 3 to 200"""
    seed: int = 0
    """of the order in which models take turns, and of the inputs"""
    level: float = 0.95
    """of the intervals"""


class Latency(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """The times of one network. A round is a process of its own: rounds are independent, runs inside one are not."""

    ref: str
    architecture: str | None
    sha256: str | None
    weights: runnable.Origin
    """whether they are the file's own or random"""
    stand_in: str | None = None
    input: dict[str, tuple[int, ...]]
    macs: int | None
    """multiply-accumulates of one run; None where they could not all be counted"""
    rounds: tuple[tuple[int, ...], ...]
    """nanoseconds of every run, by round"""
    processor: tuple[int, ...]
    """nanoseconds that the process had a processor while they ran, by round; all threads together"""
    warm_up: int
    """runs before each round, at least"""
    peak_memory: int
    """bytes, the most that any of the processes had"""
    idle_memory: int
    """bytes that a process had before it read the model, at most"""

    @cached_property
    def medians(self) -> list[float]:
        """Each round's median, in milliseconds."""
        return [float(np.median(times)) / 1e6 for times in self.rounds]

    def median(self, level: float = median.LEVEL) -> Estimate:
        """The median of the rounds' medians, in milliseconds, with its interval (see `zoodiff.median.estimate`)."""
        return median.estimate(self.medians, level)

    def percentile(self, percent: float) -> float | Unmeasured:
        """A percentile of all runs, in milliseconds, between two runs in proportion (numpy's `linear`).

        Unmeasured where so few were timed that the slowest alone would decide it.
        """
        runs = [time for times in self.rounds for time in times]
        if len(runs) * (100 - percent) < 100:
            return Unmeasured(f"{len(runs)} runs are too few for the {percent:g}th percentile")
        return float(np.percentile(runs, percent)) / 1e6

    @property
    def shares(self) -> list[float]:
        """Which part of each round the process had a processor: 1 where nothing took it away, more with threads."""
        return [had / sum(times) for had, times in zip(self.processor, self.rounds, strict=True)]

    @property
    def same(self) -> tuple[str, str, str]:
        """What must be equal for two times to be of the same thing."""
        return (self.ref, self.weights, str(sorted(self.input.items())))


class Untimed(msgspec.Struct, frozen=True):
    """A network whose times could not be had."""

    ref: str
    reason: str
    hint: str = ""


class Bench(msgspec.Struct, frozen=True, kw_only=True):
    """What a bench showed, on which machine and under which settings."""

    machine: Machine
    settings: Settings
    processors: tuple[int, ...]
    """those that the networks were bound to, by number; empty where the system cannot bind"""
    began: str
    """date and time, UTC"""
    load: tuple[float | None, float | None]
    """how many processes waited for a processor in the minute before, and in the last minute"""
    models: tuple[Latency, ...]
    """in the order asked for"""
    untimed: tuple[Untimed, ...] = ()

    @property
    def busy(self) -> bool:
        """Whether other work disturbed it: the median model waited for a processor a twentieth of the time or more."""
        shares = [float(np.median(one.shares)) for one in self.models]
        return bool(shares) and float(np.median(shares)) < _UNDISTURBED * self.settings.threads

    def ratios(self) -> list[tuple[Latency, Estimate]]:
        """How many times as long as the first each other model takes, by what each round showed of both."""
        first, *others = self.models or (None,)
        if first is None:
            return []
        level = self.settings.level
        return [(one, median.paired_ratio(one.medians, first.medians, level)) for one in others]


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
    models: Sequence[str | Path | Network],
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
    Raises Refusal where onnxruntime is absent, a setting makes no sense, or no model is known.
    """
    settings = settings or Settings()
    bound = _processors(settings)
    if timer is None:
        execute.require()
    before, began = machine.load(), f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    untimed: dict[int, Untimed] = {}
    with ExitStack() as stack:
        stack.enter_context(child.interruptible())
        jobs: dict[int, Job] = {}
        for at, model in enumerate(models):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="zoodiff-")))
            try:
                jobs[at] = _job(find(model), inputs, batch, folder, random_weights)
            except Refusal as refusal:
                untimed[at] = Untimed(str(model), refusal.message, refusal.hint)
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
        "PYTHONPATH": str(Path(__file__).parents[1]),
        "TMPDIR": str(job.folder),
        "OMP_NUM_THREADS": str(order.threads),
    }
    command: list[str | Path] = [sys.executable, "-P", "-m", "zoodiff.timed", job.folder]
    code = child.run(command, environment, job.folder, log, execute.SECONDS)
    if code != 0:
        raise Refusal(f"onnxruntime does not run it: {child.tail(log, 1)[:400] or child.ended(code)}")
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


# ---------------------------------------------------------------- comparing with an earlier bench


def since(now: Bench, before: Bench) -> list[tuple[Latency, Estimate]]:
    """How many times as long as in an earlier bench each model takes; those that are in both, with equal inputs.

    Raises Refusal where they ran on different machines or under different settings, in words, or share no model.
    """
    apart = machine.differences(now.machine, before.machine)
    if now.settings.threads != before.settings.threads:
        apart.append(f"threads: {now.settings.threads} against {before.settings.threads}")
    if apart:
        raise Refusal(
            f"these times are of different machines, and say nothing of each other: {'; '.join(apart)}",
            "Run both on one machine: zoodiff bench MODEL... --out F, then zoodiff bench MODEL... --against F.",
        )
    old = {one.same: one for one in before.models}
    level = now.settings.level
    found = [(one, median.ratio(one.medians, old[one.same].medians, level)) for one in now.models if one.same in old]
    if not found:
        raise Refusal(
            "no model is in both, with the same input and the same kind of weights",
            f"The earlier bench has: {', '.join(f'{one.ref} ({one.weights} weights)' for one in before.models)}",
        )
    return found


def load(path: Path) -> Bench:
    """A bench that `--out` or `--json` has saved. Raises Refusal on a file that is none."""
    hint = "Make one with: zoodiff bench MODEL... --out F"
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Refusal(f"cannot read {str(path)!r}: {error.strerror}", hint) from None
    try:
        head = msgspec.json.decode(data, type=_Head)
        if (head.kind, head.format) != ("latency", FORMAT):
            raise Refusal(f"{str(path)!r} is of kind {head.kind!r}, format {head.format}; not latency, {FORMAT}", hint)
        found = msgspec.json.decode(data, type=Bench)
    except msgspec.MsgspecError as error:
        raise Refusal(f"{str(path)!r} holds no bench: {error}", hint) from None
    if any(not one.rounds or any(not times for times in one.rounds) for one in found.models):
        raise Refusal(f"{str(path)!r} holds no bench: a model has no times", hint)
    return found


class _Head(msgspec.Struct):
    kind: str
    format: int


def document(bench: Bench) -> dict[str, Any]:
    """A bench as the JSON document that `bench --json` prints: all that was timed, and what follows from it (in ms)."""
    made: dict[str, Any] = {"format": FORMAT, "kind": "latency", **msgspec.to_builtins(bench)}
    level = bench.settings.level
    for one, shown in zip(bench.models, made["models"], strict=True):
        shown["median_ms"] = told(one.median(level))
        for percent in QUANTILES:
            value = one.percentile(percent)
            shown[f"p{percent}_ms"] = None if isinstance(value, Unmeasured) else round(value, 6)
            if isinstance(value, Unmeasured):
                shown[f"p{percent}_ms_why"] = value.reason
    first = bench.models[0].ref if bench.models else None
    made["ratios"] = [{"ref": one.ref, "to": first, **told(found)} for one, found in bench.ratios()]
    return made


def told(found: Estimate) -> dict[str, Any]:
    """An estimate as documents tell it: its value, interval and level, or why there is no interval."""
    value: dict[str, Any] = {"value": round(found.value, 6)}
    if isinstance(found.interval, Unmeasured):
        return {**value, "ci": None, "ci_why": found.interval.reason}
    bounds = found.interval
    return {**value, "ci": [round(bounds.low, 6), round(bounds.high, 6)], "level": round(bounds.level, 6)}
