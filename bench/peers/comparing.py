"""Compare pairs of growing size with every comparer: how long it takes, and whether the answer is right."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from peers.peer import COMPARERS, Ready, answer, peers, ready
from peers.process import Run, median, run

NODES = (100, 300, 1_000, 3_000, 10_000)
SECONDS = 20.0
"""how long a peer may take over a pair; it gets no larger pair after one that took longer"""
OURS = 300.0
"""how long zoodiff may take, so that what it takes is told"""
QUICK = 3.0
"""a pair that takes less is compared as often as there are rounds; one that takes more, once"""
MAKER = Path(__file__).with_name("pairs.py")

FOUND = "finds it"
TOLD = "tells them apart"


class Compared(msgspec.Struct, frozen=True):
    """What one way to compare said of one pair, and what that took."""

    nodes: int
    tool: str
    method: str
    seconds: float
    cpu: float
    megabytes: float
    verdict: str = ""
    """`finds it`: exactly the change, and nothing in the renamed copy; `tells them apart`: right, without a place; or
    what is wrong"""
    failed: str = ""


class Way(NamedTuple):
    """One way to compare two models."""

    tool: str
    method: str
    suffix: str
    ask: Callable[[Path, Path, float], Run]
    read: Callable[[Run], dict[str, Any]]
    seconds: float


def compared(rounds: int, say: Callable[[str], None]) -> Iterator[Compared]:
    """Every way on every pair, until its time is over."""
    with tempfile.TemporaryDirectory(prefix="zoodiff-peers-") as folder:
        work = Path(folder)
        with ready(peers(COMPARERS), work, say) as comparers:
            left = [OWN, *(way for one in comparers for way in _ways(one))]
            for nodes in NODES:
                say(f"comparing pairs of {nodes:,} nodes in {len(left)} ways")
                made = run([sys.executable, MAKER, work, str(nodes)], OURS)
                if made.failed:
                    raise RuntimeError(f"no pair of {nodes} nodes: {made.failed}")
                done = []
                for way in left:
                    row = _compare(way, work, rounds)
                    yield row
                    if not row.failed:
                        done.append(way)
                left = done


def _zoodiff(a: Path, b: Path, seconds: float) -> Run:
    return run([sys.executable, "-m", "zoodiff", "diff", a, b, "--json"], seconds)


def _read_zoodiff(run: Run) -> dict[str, Any]:
    document = json.loads(run.out)
    places = [
        [left, right]
        for cause in document["differences"]
        for left, right in zip(cause["left"]["nodes"], cause["right"]["nodes"], strict=False)
    ]
    return {"differ": not document["identical"], "places": places}


OWN = Way("zoodiff", "diff", ".onnx", _zoodiff, _read_zoodiff, OURS)


def _ways(one: Ready) -> list[Way]:
    def way(method: str) -> Way:
        def ask(a: Path, b: Path, seconds: float) -> Run:
            return one.ask("compare", method, a, b, seconds=seconds)

        return Way(one.name, method, one.peer.unit.SUFFIX, ask, answer, SECONDS)

    return [way(method) for method in one.peer.unit.METHODS]


def _compare(way: Way, folder: Path, rounds: int) -> Compared:
    """The changed copy, as often as asked for, is timed; the renamed one counts for what is right too."""
    truth = json.loads((folder / "truth.json").read_text())
    a, renamed, changed = (folder / f"{name}{way.suffix}" for name in ("a", "renamed", "changed"))
    runs = [way.ask(a, changed, way.seconds)]
    while runs[0].seconds < QUICK and len(runs) < rounds and not runs[0].failed:
        runs.append(way.ask(a, changed, way.seconds))
    middle = median(runs)
    row = Compared(
        truth["nodes"], way.tool, way.method, middle.seconds, middle.cpu, middle.megabytes, failed=middle.failed
    )
    if row.failed:
        return row
    copy = way.ask(a, renamed, way.seconds)
    if copy.failed:
        return msgspec.structs.replace(row, failed=f"the renamed copy: {copy.failed}")
    return msgspec.structs.replace(row, verdict=verdict(way.read(copy), way.read(middle), truth["places"]))


def verdict(copy: dict[str, Any], change: dict[str, Any], places: Sequence[Sequence[str]]) -> str:
    """Whether what was said of a renamed copy and of a change is right, and if not, in what it is wrong."""
    if not change["differ"]:
        return "wrong: sees no change"
    if copy["differ"]:
        return "wrong: takes names for differences"
    if change["places"] is None:
        return TOLD
    if sorted(change["places"]) == sorted(map(list, places)):
        return FOUND
    if len(change["places"]) == len(places):
        return "wrong: names another place"
    return f"wrong: names {len(change['places'])} places"
