"""What was timed on which machine, with honest intervals; how it compares with an earlier bench, and how it is kept."""

from __future__ import annotations

import tempfile
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from zoodiff import disk
from zoodiff.fault import Refusal
from zoodiff.record import Unmeasured
from zoodiff.timing import machine, median
from zoodiff.timing.machine import Machine
from zoodiff.timing.median import Estimate
from zoodiff.timing.runnable import Origin

FORMAT: Final = 1
QUANTILES: Final = (50, 90, 99)
_UNDISTURBED: Final = 0.95


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
    weights: Origin
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
        """The median of the rounds' medians, in milliseconds, with its interval (see `median.estimate`)."""
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


def writable(path: Path) -> None:
    """Make the folder of a file to be written; raises Refusal where it cannot be, before anything is timed for it."""
    if path.is_dir():
        raise Refusal(f"{str(path)!r} is a folder", "Name a file in it: --out F")
    with disk.writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path.parent):
            pass


def load(path: Path) -> Bench:
    """A bench that `--out` or `--json` has saved. Raises Refusal on a file that is none."""
    hint = "Make one with: zoodiff bench MODEL... --out F"
    try:
        data = disk.bounded(path)
    except (OSError, ValueError) as error:
        raise Refusal(f"cannot read {str(path)!r}: {getattr(error, 'strerror', None) or error}", hint) from None
    try:
        head = msgspec.json.decode(data, type=_Head)
        if (head.kind, head.format) != ("latency", FORMAT):
            raise Refusal(f"{str(path)!r} is of kind {head.kind!r}, format {head.format}; not latency, {FORMAT}", hint)
        found = msgspec.json.decode(data, type=Bench)
    except (ValueError, RecursionError) as error:  # msgspec's errors, and text that is none
        raise Refusal(f"{str(path)!r} holds no bench: {error}", hint) from None
    if not all(_whole(one) for one in found.models):
        raise Refusal(f"{str(path)!r} holds no bench: a model has no times", hint)
    if not 0 < found.settings.level < 1:
        raise Refusal(f"{str(path)!r} holds no bench: its level is {found.settings.level}", hint)
    return found


@cache
def bundled() -> Bench:
    """The times that come with zoodiff, which `bench/latency.py` measured: one network of each that zoos share."""
    return load(_BUNDLED)


_BUNDLED: Final = Path(__file__).parents[1] / "latency.json"


def _whole(one: Latency) -> bool:
    """Whether a network has times in each of its rounds, and each is one."""
    runs = [time for times in one.rounds for time in times or (0,)]
    return bool(runs) and min(runs) > 0 and len(one.processor) == len(one.rounds)


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
