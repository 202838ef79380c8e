"""Measure many networks, each graph once, and remember what was found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import Executor

from zoodiff.fault import Refusal
from zoodiff.measuring import batch
from zoodiff.measuring.batch import Progress
from zoodiff.measuring.measurement import Measurement, named
from zoodiff.measuring.memory import Memory
from zoodiff.reading.reference import Inputs, Network
from zoodiff.record import Unmeasured

Asked = tuple[Network, Inputs | None]
"""A network and the input sizes to measure it at."""


def measure_all(
    asked: Sequence[Asked], memory: Memory, executor: Executor | None, progress: Progress | None = None
) -> list[Measurement | Unmeasured]:
    """What is remembered of each, in the order given; what is not is measured by `executor`, and added to `memory`."""
    found: list[Measurement | Unmeasured | None] = [memory.get(*one) for one in asked]
    missing: dict[str, list[int]] = {}
    for at, result in enumerate(found):
        if result is None:
            missing.setdefault(memory.key(*asked[at]), []).append(at)
    alone = missing.pop("", [])  # without a graph that others may have: in all likelihood without any
    count, done = sum(map(len, missing.values())) + len(alone), 0

    def keep(places: Sequence[int], results: Iterable[Measurement | Refusal]) -> None:
        nonlocal done
        for at, result in zip(places, results, strict=True):
            if isinstance(result, Measurement):
                memory.add(*asked[at], result)
            found[at] = result if isinstance(result, Measurement) else Unmeasured(result.message)
            done += 1
            if progress:
                progress(done, count, asked[at][0].ref)

    firsts = batch.measured([asked[places[0]] for places in missing.values()], executor)
    for places, first in zip(missing.values(), firsts, strict=True):
        keep(places, [_told_of(asked[at][0], first, asked[places[0]][0]) for at in places])
    keep(alone, batch.measured([asked[at] for at in alone]))
    return [result for result in found if result is not None]


def _told_of(network: Network, result: Measurement | Refusal, other: Network) -> Measurement | Refusal:
    """What was found of another network with the same graph, in this one's name."""
    if isinstance(result, Measurement):
        return named(result, network)
    return Refusal(result.message.replace(other.ref, network.ref), result.hint)
