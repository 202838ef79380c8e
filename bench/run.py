"""Measure zoodiff beside its peers, in one run on one machine: what counts are the ratios, not the seconds.

Usage: [ONNX_TOOL=PYTHON] python bench/run.py   Prints a table and writes bench/results.md. Needs 2 GB of disk for a
while. ONNX_TOOL: the Python of an environment that has onnx-tool, which is then a peer too.
"""

from __future__ import annotations

import compileall
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
ROUNDS = 3
REPEATS = 7
LOOP = 5_000
FILES = ("torchvision:resnet50", "torchvision:vgg16")


class Run(NamedTuple):
    """One process from start to end."""

    seconds: float
    cpu: float
    megabytes: float


class Row(NamedTuple):
    """A line of the table."""

    what: str
    ours: str
    peer: str
    ratio: str


def run(*command: str, rounds: int = ROUNDS) -> Run:
    """The median time, the least CPU time and the highest memory of a few runs, start-up included."""
    return in_turn([command], rounds)[0]


def in_turn(commands: Sequence[tuple[str, ...]], rounds: int = ROUNDS) -> list[Run]:
    """The same of several commands, each once a round: a machine that slows down meanwhile is one for all of them."""
    runs = [[_once(command) for command in commands] for _ in range(rounds)]
    return [
        Run(statistics.median(seconds), min(cpu), max(megabytes))
        for seconds, cpu, megabytes in (zip(*own, strict=True) for own in zip(*runs, strict=True))
    ]


def _once(command: tuple[str, ...]) -> Run:
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    error = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stderr.close()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed: {error.decode()[-2000:]}")
    return Run(time.perf_counter() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)  # kB on Linux


def full(ref: str, path: Path) -> None:
    """Write a published network with random float32 weights inside the file."""
    import numpy as np
    import onnx

    from zoodiff.reading.reference import find

    model, random = find(ref).skeleton(), np.random.default_rng(0)
    for tensor in model.graph.initializer:
        if tensor.data_type == onnx.TensorProto.FLOAT and not tensor.raw_data:
            tensor.raw_data = random.standard_normal(tuple(tensor.dims), np.float32).tobytes()
    onnx.save(model, path)


def large_file(ref: str) -> list[Row]:
    """`zoodiff measure` against its peers on a file with weights inside, all as whole processes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "full.onnx"
        run(sys.executable, str(HERE / "run.py"), ref, str(path), rounds=1)  # apart: a child counts its parent's memory
        name = f"measure {ref}, {path.stat().st_size / 1e6:.0f} MB with weights inside; peer: "
        peers = {"onnx.load": (sys.executable, "-c", f"import onnx; onnx.load({str(path)!r})")}
        if "ONNX_TOOL" in os.environ:
            peers["onnx-tool"] = (os.environ["ONNX_TOOL"], "-m", "onnx_tool", "-i", str(path))
        *took, ours = in_turn([*peers.values(), (sys.executable, "-m", "zoodiff", "measure", str(path))])
    rows = []
    for peer, theirs in zip(peers, took, strict=True):
        rows.append(Row(f"{name}{peer}: seconds", *_pair(ours.seconds, theirs.seconds)))
        rows.append(Row(f"{name}{peer}: CPU seconds", *_pair(ours.cpu, theirs.cpu)))
        rows.append(Row(f"{name}{peer}: peak MB", *_pair(ours.megabytes, theirs.megabytes)))
    return rows


def _pair(ours: float, peer: float) -> tuple[str, str, str]:
    return f"{ours:.2f}", f"{peer:.2f}", f"{peer / ours:.2f}"


def skeletons() -> list[Row]:
    """Time per model of 150 bundled graphs: in one pass, at the least, as one command; peer: onnx's shape inference."""
    import onnx

    from zoodiff import measure
    from zoodiff.reading import store
    from zoodiff.reading.reference import find, snapshot, zoos

    found = [find(f"{zoo}:{model.name}") for zoo in zoos() for model in snapshot(zoo) if not model.graph_missing]
    models = [network for network in found if network.zoo and network.weights and network.weights.graph]
    batch = models[:: max(1, len(models) // 150)][:150]
    files = [store.skeleton(network.zoo, network.version, network.weights.graph) for network in batch]

    def ours(at: int) -> object:
        return measure(batch[at])

    def peer(at: int) -> object:
        return onnx.shape_inference.infer_shapes(onnx.load_from_string(files[at]), data_prop=True)

    ours(0), peer(0)  # start-up
    once, loops = zip(*[_beside_a_loop(work, len(batch)) for work in (ours, peer)], strict=True)
    quick = min(map(min, loops))
    steady = [_at_full_speed(times, own, quick) for times, own in zip(once, loops, strict=True)]
    least = [[min(_seconds(work, at) for _ in range(REPEATS)) for at in range(len(batch))] for work in (ours, peer)]
    together = run(sys.executable, "-m", "zoodiff", "measure", "--json", *[network.ref for network in batch])
    name = f"measure {len(batch)} bundled skeletons"
    alone = "peer: onnx.shape_inference alone: median ms each"
    slow = 1e-3 * _middle([time for own in loops for time in own]) / quick
    return [
        Row(f"{name}, one pass; {alone}", *_pair(*map(_middle, once))),
        Row(f"{name}, one pass at full speed (the loop: {slow:.2f}); {alone}", *_pair(*map(_middle, steady))),
        Row(f"{name}, the least of {REPEATS}; {alone}", *_pair(*map(_middle, least))),
        Row(f"{name} by one command, start-up included: ms each", f"{1e3 * together.seconds / len(batch):.2f}", "", ""),
    ]


def _beside_a_loop(work: Callable[[int], object], number: int) -> tuple[list[float], list[float]]:
    """How long each piece of work takes, and work that is always the same, before the first and after each."""
    times: list[float] = []
    loops = [_seconds(_loop, LOOP)]
    for at in range(number):
        times.append(_seconds(work, at))
        loops.append(_seconds(_loop, LOOP))
    return times, loops


def _at_full_speed(times: list[float], loops: list[float], quick: float) -> list[float]:
    """The times divided by how much longer than `quick` the loop took right before and after each."""
    return [time * 2 * quick / (before + after) for time, before, after in zip(times, loops, loops[1:], strict=False)]


def _loop(times: int) -> int:
    return sum(at * at for at in range(times))


def _middle(times: list[float]) -> float:
    """The median in ms."""
    return 1e3 * statistics.median(times)


def _seconds(work: Callable[[int], object], at: int) -> float:
    began = time.perf_counter()
    work(at)
    return time.perf_counter() - began


def start_up() -> Row:
    """`zoodiff --help` against an interpreter that does nothing."""
    ours, peer = in_turn([(sys.executable, "-m", "zoodiff", "--help"), (sys.executable, "-c", "pass")])
    return Row("zoodiff --help; peer: python -c pass: seconds", *_pair(ours.seconds, peer.seconds))


def audit() -> list[Row]:
    """The whole study in a cache of its own: the first time, and again with what the first remembers."""
    command = (sys.executable, "-m", "zoodiff", "audit", "--json")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["ZOODIFF_CACHE"] = folder
        first = run(*command, rounds=1)
        again = run(*command)
    return [
        Row("zoodiff audit --json, the first time: seconds", f"{first.seconds:.2f}", "", ""),
        Row("zoodiff audit --json, again: seconds", f"{again.seconds:.2f}", "", ""),
        Row("zoodiff audit --json, again: peak MB", f"{again.megabytes:.0f}", "", ""),
    ]


def machine() -> str:
    """What this was measured on."""
    cpuinfo = Path("/proc/cpuinfo")
    names = [line for line in cpuinfo.read_text().splitlines() if "model name" in line] if cpuinfo.exists() else []
    name = names[0].partition(":")[2].strip() if names else platform.machine()
    return f"{os.cpu_count()} CPUs ({name}), {platform.system()}, Python {platform.python_version()}"


def main() -> None:
    """Measure, print, write."""
    compileall.compile_dir(HERE.parent / "src", quiet=1)  # as whatever is installed has been, the peers too
    load, began = os.getloadavg()[0], time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
    rows = [*(row for ref in FILES for row in large_file(ref)), *skeletons(), start_up(), *audit()]
    lines = [
        "# Speed, side by side",
        "",
        f"Written by `make bench`: {machine()}; {began}.",
        f"Load when it began: {load:.1f}, when it ended: {os.getloadavg()[0]:.1f}.",
        f"All in one run, in turn. Processes: median of {ROUNDS}, start-up included;",
        "CPU times: the least. Skeletons: each measured once after start-up, then the least of a few times.",
        "At full speed: each time divided by how much longer than its least a fixed loop took right before and after;",
        "in brackets what that was at the median: other machines on the same processor come and go.",
        "",
        "| what | zoodiff | peer | peer / zoodiff |",
        "|---|---:|---:|---:|",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]
    text = "\n".join(lines) + "\n"
    print(text)
    (HERE / "results.md").write_text(text)


if __name__ == "__main__":
    if sys.argv[1:]:
        full(sys.argv[1], Path(sys.argv[2]))
    else:
        main()
