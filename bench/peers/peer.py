"""Peers: one file each, which runs in an environment of its own, built from the versions that its header states."""

from __future__ import annotations

import importlib.util
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from peers.process import Run, run
from zoodiff import child
from zoodiff.fault import Refusal
from zoodiff.isolate import declare, isolate, lock
from zoodiff.isolate.declare import Zoo
from zoodiff.isolate.isolate import Environment

HERE = Path(__file__).parent
COUNTERS, COMPARERS = HERE / "counters", HERE / "comparers"


class Peer(NamedTuple):
    """A tool beside ours, as its file describes it."""

    zoo: Zoo
    """its file, read as a zoo's: a header with requirements, and a proof"""
    unit: ModuleType
    """the file as a module; what it needs is imported inside its functions alone"""


class Ready(NamedTuple):
    """A peer that can be asked, or why it cannot."""

    peer: Peer
    stage: Path
    environment: Environment | None
    failed: str = ""

    @property
    def name(self) -> str:
        """What it is called, and the version that is installed."""
        needs = self.peer.zoo.needs
        lines = lock.pins(self.environment.lock) if self.environment else needs.requirements
        versions = {declare.name(line.split()[0]): line.split()[0].rpartition("=")[2] for line in lines}
        return f"{self.peer.unit.NAME} {versions[declare.name(needs.version_of or '')]}"

    def ask(self, *words: str | Path, seconds: float) -> Run:
        """Run it on these words, as a process of its own."""
        if self.environment is None:
            return Run(0, 0, 0, "", self.failed)
        file = self.stage / "zoodiff" / "zoos" / self.peer.zoo.file.name
        command = [self.environment.python, "-s", self.stage / "asked.py", file, *words]
        return run(command, seconds, child.guest_environment(self.stage), self.stage)


def peers(room: Path) -> list[Peer]:
    """All peers of a room, by name."""
    return [Peer(declare.zoo(path), _module(path)) for path in sorted(room.glob("[a-z]*.py"))]


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"peers.{path.parent.name}.{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextmanager
def ready(peers: Sequence[Peer], work: Path, say: Callable[[str], None]) -> Iterator[list[Ready]]:
    """Build, or find, the environment of each; one that cannot be built has its reason in its place."""
    with ExitStack() as stack:
        found = []
        for peer in peers:
            stage = work / peer.zoo.id
            isolate.stage(peer.zoo, stage)
            shutil.copy(HERE / "asked.py", stage)
            try:
                environment = stack.enter_context(isolate.environment(peer.zoo, say))
                found.append(Ready(peer, stage, environment))
            except Refusal as refusal:
                found.append(Ready(peer, stage, None, _first(refusal)))
        yield found


def _first(refusal: Refusal) -> str:
    """The refusal in one line: its message, and the last line of the log that it quotes."""
    lines = [line.strip() for line in (refusal.hint or "").splitlines() if line.strip()]
    return f"cannot be installed: {refusal.message}" + (f" ({lines[-1][:160]})" if lines else "")


def answer(run: Run) -> dict[str, Any]:
    """What a peer printed, read; only of a run that did not fail."""
    found: dict[str, Any] = json.loads(run.out)
    return found
