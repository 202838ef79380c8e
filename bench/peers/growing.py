"""Audit collections of growing size: the first time, and again with what the first remembers."""

from __future__ import annotations

import math
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from peers.process import median, run

MODELS = (10, 30, 100, 300, 1_000, 3_000, 10_000)
SECONDS = 240.0
"""how long one audit may take; after one that takes longer, no larger collection is tried"""
MAKER = Path(__file__).with_name("snapshots.py")


class Audited(msgspec.Struct, frozen=True):
    """What an audit of so many models took."""

    models: int
    zoos: int
    first: float
    """seconds"""
    first_cpu: float
    first_megabytes: float
    again: float = 0
    again_cpu: float = 0
    again_megabytes: float = 0
    failed: str = ""


def audited(rounds: int, say: Callable[[str], None]) -> Iterator[Audited]:
    """Every size, until one takes too long."""
    for models in MODELS:
        say(f"auditing {models:,} models")
        with tempfile.TemporaryDirectory(prefix="zoodiff-peers-") as folder:
            row = _audit(models, Path(folder), rounds)
        yield row
        if row.failed:
            return


def _audit(models: int, folder: Path, rounds: int) -> Audited:
    made = run([sys.executable, MAKER, folder / "home", str(models)], SECONDS)
    if made.failed:
        raise RuntimeError(f"no collection of {models} models: {made.failed}")
    zoos = made.out.split()
    variables = {**os.environ, "ZOODIFF_HOME": str(folder / "home"), "ZOODIFF_CACHE": str(folder / "cache")}
    chosen = [word for zoo in zoos for word in ("--zoo", zoo)]
    command = [sys.executable, "-m", "zoodiff", "audit", "--json", "--quiet", *chosen]
    first = run(command, SECONDS, variables)
    row = Audited(models, len(zoos), first.seconds, first.cpu, first.megabytes, failed=first.failed)
    if first.failed:
        return row
    again = median([run(command, SECONDS, variables) for _ in range(rounds)])
    return msgspec.structs.replace(
        row, again=again.seconds, again_cpu=again.cpu, again_megabytes=again.megabytes, failed=again.failed
    )


def exponent(points: Sequence[tuple[float, float]]) -> float | None:
    """The slope of a line through the logarithms by least squares: y grows as x to that power; None below two sizes."""
    if len({x for x, _ in points}) < 2:
        return None
    logs = [(math.log(x), math.log(y)) for x, y in points]
    middle = [sum(values) / len(logs) for values in zip(*logs, strict=True)]
    spread = sum((x - middle[0]) ** 2 for x, _ in logs)
    return sum((x - middle[0]) * (y - middle[1]) for x, y in logs) / spread
