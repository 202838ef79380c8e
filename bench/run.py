"""Measure zoodiff beside its peers, in one run on one machine: what counts are the ratios, not the seconds.

Usage: python bench/run.py   Prints a table and writes bench/results.md. Needs 2 GB of disk for a while.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
ROUNDS = 3
VGG16 = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))
"""Output channels of configuration D (Simonyan and Zisserman 2014, arXiv 1409.1556, table 1)."""


class Run(NamedTuple):
    """One process from start to end."""

    seconds: float
    megabytes: float


class Row(NamedTuple):
    """A line of the table."""

    what: str
    ours: str
    peer: str
    ratio: str


def run(*command: str, rounds: int = ROUNDS) -> Run:
    """The median time and the highest memory of a few runs, start-up included."""
    runs = [_once(command) for _ in range(rounds)]
    return Run(statistics.median(r.seconds for r in runs), max(r.megabytes for r in runs))


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
    return Run(time.perf_counter() - began, usage.ru_maxrss / 1024)  # kB on Linux


def vgg16(path: Path) -> None:
    """Write VGG-16 with random float32 weights inside the file: 138,357,544 parameters, 553 MB."""
    import numpy as np
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    random = np.random.default_rng(0)
    nodes, weights = [], []
    tensor, channels = "image", 3

    def weighted(op: str, shape: tuple[int, ...], **attributes: object) -> None:
        nonlocal tensor
        name = f"{op.lower()}{len(nodes)}"
        weights.append(numpy_helper.from_array(random.standard_normal(shape, np.float32), f"{name}.weight"))
        weights.append(numpy_helper.from_array(random.standard_normal(shape[:1], np.float32), f"{name}.bias"))
        nodes.append(helper.make_node(op, [tensor, f"{name}.weight", f"{name}.bias"], [name], **attributes))
        tensor = name

    def plain(op: str, **attributes: object) -> None:
        nonlocal tensor
        name = f"{op.lower()}{len(nodes)}"
        nodes.append(helper.make_node(op, [tensor], [name], **attributes))
        tensor = name

    for stage in VGG16:
        for width in stage:
            weighted("Conv", (width, channels, 3, 3), pads=[1, 1, 1, 1])
            plain("Relu")
            channels = width
        plain("MaxPool", kernel_shape=[2, 2], strides=[2, 2])
    plain("Flatten")
    for inner, outer in ((25088, 4096), (4096, 4096), (4096, 1000)):
        weighted("Gemm", (outer, inner), transB=1)
        if outer != 1000:
            plain("Relu")
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, 224, 224])
    classes = helper.make_tensor_value_info(tensor, TensorProto.FLOAT, [1, 1000])
    graph = helper.make_graph(nodes, "vgg16", [image], [classes], weights)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), path)


def large_file() -> list[Row]:
    """`zoodiff measure` against `onnx.load`, both as whole processes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vgg16.onnx"
        run(sys.executable, str(HERE / "run.py"), str(path), rounds=1)  # apart: a child counts its parent's memory too
        size = path.stat().st_size
        load = f"import onnx; onnx.load({str(path)!r})"
        peer = run(sys.executable, "-c", load)  # first, so that the file is in memory for both
        ours = run(sys.executable, "-m", "zoodiff", "measure", str(path))
    name = f"measure a VGG-16 of {size / 1e6:.0f} MB with weights inside; peer: onnx.load"
    return [
        Row(f"{name}: seconds", *_pair(ours.seconds, peer.seconds)),
        Row(f"{name}: peak MB", *_pair(ours.megabytes, peer.megabytes)),
    ]


def _pair(ours: float, peer: float) -> tuple[str, str, str]:
    return f"{ours:.2f}", f"{peer:.2f}", f"{peer / ours:.2f}"


def skeletons() -> Row:
    """Median CPU time per model of 150 bundled graphs, one after the other; peer: onnx's inference of their shapes."""
    import onnx

    from zoodiff import measure, store
    from zoodiff.reference import find, snapshot, zoos

    found = [find(f"{zoo}:{model.name}") for zoo in zoos() for model in snapshot(zoo) if not model.graph_missing]
    models = [network for network in found if network.zoo and network.weights and network.weights.graph]
    batch = models[:: max(1, len(models) // 150)][:150]
    ours, peer = [], []
    for network in [batch[0], *batch]:  # the first once more, as start-up
        data = store.skeleton(network.zoo, network.version, network.weights.graph)
        ours.append(_cpu(lambda: measure(network)))  # noqa: B023
        peer.append(_cpu(lambda: onnx.shape_inference.infer_shapes(onnx.load_from_string(data), data_prop=True)))  # noqa: B023
    middles = [1e3 * statistics.median(times[1:]) for times in (ours, peer)]
    name = f"measure {len(batch)} bundled skeletons; peer: onnx.shape_inference alone: median CPU ms each"
    return Row(name, *_pair(*middles))


def _cpu(work: Callable[[], object]) -> float:
    """CPU seconds of the quickest of a few runs: what else the machine does counts least there."""
    times = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return min(times)


def start_up() -> Row:
    """`zoodiff --help` against an interpreter that does nothing."""
    ours, peer = run(sys.executable, "-m", "zoodiff", "--help"), run(sys.executable, "-c", "pass")
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
    load, began = os.getloadavg()[0], time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
    rows = [*large_file(), skeletons(), start_up(), *audit()]
    lines = [
        "# Speed, side by side",
        "",
        f"Written by `make bench`: {machine()}; {began}.",
        f"Load when it began: {load:.1f}, when it ended: {os.getloadavg()[0]:.1f}.",
        f"All in one run, one after the other. Processes: median of {ROUNDS}, start-up included. CPU times: the least.",
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
        vgg16(Path(sys.argv[1]))
    else:
        main()
