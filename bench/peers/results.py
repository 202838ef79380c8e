"""What was measured, where, and when: kept as JSON, so that the page can be written again without measuring."""

from __future__ import annotations

from pathlib import Path

import msgspec

from peers.comparing import Compared
from peers.counting import Count
from peers.growing import Audited
from zoodiff.timing.machine import Machine

FILE = Path(__file__).with_name("results.json")


class Measured(msgspec.Struct, frozen=True):
    """When a part was measured, and how busy the machine was."""

    began: str
    load_before: float | None
    load_after: float | None
    rounds: int
    seconds: float
    """how long it took in all"""


class Results(msgspec.Struct):
    """All parts; one that was not measured is empty."""

    machine: Machine
    python: str
    measured: dict[str, Measured] = {}
    """by part: `counting`, `comparing`, `growing`"""
    counts: list[Count] = []
    compared: list[Compared] = []
    audited: list[Audited] = []
    notes: dict[str, str] = {}
    """what each counter counts beside multiply-accumulates, or leaves out"""


def read(path: Path = FILE) -> Results | None:
    """The results of an earlier run; None where there are none."""
    return msgspec.json.decode(path.read_bytes(), type=Results) if path.is_file() else None


def write(results: Results, path: Path = FILE) -> None:
    """Keep them, one value a line."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=1) + b"\n")
