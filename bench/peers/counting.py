"""Count the same networks with every counter, and hold what each says against the exact count."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from peers.peer import COUNTERS, Ready, answer, peers, ready
from peers.process import Run, median, run

SECONDS = 120.0
"""how long one process may take"""
WRITER = Path(__file__).parents[1] / "run.py"


class Network(NamedTuple):
    """A network that peers know under names of their own."""

    name: str
    torchvision: str
    keras: str | None


NETWORKS = (
    Network("ResNet-50", "resnet50", "ResNet50"),
    Network("VGG-16", "vgg16", "VGG16"),
    Network("MobileNetV2", "mobilenet_v2", "MobileNetV2"),
    Network("EfficientNet-B0", "efficientnet_b0", "EfficientNetB0"),
    Network("ViT-B/16", "vit_b_16", None),
)


class Count(msgspec.Struct, frozen=True):
    """What one tool said of one network, and what that took."""

    network: str
    tool: str
    reads: str
    """`onnx`, `torchvision` or `keras`: only what reads the same kind takes the same input"""
    seconds: float = 0
    cpu: float = 0
    megabytes: float = 0
    counting: float | None = None
    """seconds of counting alone, without start-up and reading or building the network"""
    said: int | None = None
    per_mac: int = 1
    """of its unit in one multiply-accumulate"""
    exact: int | None = None
    """multiply-accumulates of the network that it was given"""
    convention: str | None = None
    """the convention of zoodiff's that is to say what this tool says"""
    recreated: int | None = None
    """what that convention says"""
    failed: str = ""

    @property
    def error(self) -> float | None:
        """How far what it said, as multiply-accumulates, is from the exact count, in per cent of that."""
        return None if self.said is None or not self.exact else 100 * (self.said / self.per_mac / self.exact - 1)


class Exact(NamedTuple):
    """What zoodiff says of a network: the exact count, and what other conventions would say."""

    macs: int
    conventions: dict[str, int]


def counts(rounds: int, say: Callable[[str], None]) -> Iterator[Count]:
    """Every counter on every network, so many times each, in turn."""
    with tempfile.TemporaryDirectory(prefix="zoodiff-peers-") as folder:
        work = Path(folder)
        with ready(peers(COUNTERS), work, say) as counters:
            for network in NETWORKS:
                yield from _network(network, counters, work, rounds, say)


def _network(
    network: Network, counters: Sequence[Ready], work: Path, rounds: int, say: Callable[[str], None]
) -> list[Count]:
    say(f"counting {network.name}")
    path = work / "network.onnx"
    written = run([sys.executable, WRITER, f"torchvision:{network.torchvision}", path], SECONDS)
    if written.failed:
        raise RuntimeError(f"{network.name} cannot be written: {written.failed}")
    given = {"onnx": str(path), "torchvision": network.torchvision, "keras": network.keras}
    references = {"onnx": str(path), "keras": f"keras:{network.keras}"} if network.keras else {"onnx": str(path)}
    runs: dict[str, list[Run]] = {}
    for _ in range(rounds):
        for kind, reference in references.items():
            command = [sys.executable, "-m", "zoodiff", "measure", reference, "--json"]
            runs.setdefault(f"zoodiff {kind}", []).append(run(command, SECONDS))
        for one in counters:
            before, word = runs.setdefault(one.name, []), given[one.peer.unit.READS]
            if word is not None and not any(run.failed for run in before):
                before.append(one.ask("count", word, seconds=SECONDS))
    path.unlink()
    exact = {kind: _exact(runs[f"zoodiff {kind}"][0]) for kind in references}
    ours = [_ours(network, kind, median(runs[f"zoodiff {kind}"]), exact[kind].macs) for kind in references]
    return [*ours, *(_theirs(network, one, runs[one.name], exact) for one in counters)]


def _exact(run: Run) -> Exact:
    if run.failed:
        raise RuntimeError(f"zoodiff measure failed: {run.failed}")
    told = json.loads(run.out)
    return Exact(told["macs"], {name: said for name, said in told["conventions"].items() if isinstance(said, int)})


def _ours(network: Network, kind: str, run: Run, macs: int) -> Count:
    return Count(network.name, "zoodiff", kind, run.seconds, run.cpu, run.megabytes, said=macs, exact=macs)


def _theirs(network: Network, one: Ready, runs: Sequence[Run], exact: dict[str, Exact]) -> Count:
    unit = one.peer.unit
    row = Count(network.name, one.name, unit.READS, per_mac=unit.PER_MAC, convention=unit.CONVENTION)
    if not runs:
        return msgspec.structs.replace(row, failed=f"{unit.READS} has no such network")
    middle = median(runs)
    if middle.failed:
        return msgspec.structs.replace(row, failed=middle.failed)
    truth, told = exact.get(unit.READS, exact["onnx"]), answer(middle)
    return msgspec.structs.replace(
        row,
        seconds=middle.seconds,
        cpu=middle.cpu,
        megabytes=middle.megabytes,
        said=told["said"],
        counting=told["seconds"],
        exact=truth.macs,
        recreated=truth.conventions.get(unit.CONVENTION or ""),
    )
