"""The half that times: as many runs as were ordered, inputs of each type, and memory that is the process's own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np

from zoodiff.reading.reference import find
from zoodiff.timing import runnable, timed

ORDER = timed.Order(
    inputs=[("x", "float32", [1, 3, 32, 32])],
    threads=1,
    processors=(),
    memory=12 << 30,
    runs=7,
    seconds=0.0,
    bounds=(3, 200),
    warm_up=(2, 0.0),
    seed=0,
    flush=True,
)


def read(folder: Path, order: timed.Order) -> timed.Reading:
    from madeup import tiny

    (folder / "bare.onnx").write_bytes(tiny(8))
    found = find(str(folder / "bare.onnx"))
    runnable.write(found, found.graph(), folder)
    (folder / timed.ORDER).write_bytes(msgspec.json.encode(order))
    subprocess.run([sys.executable, "-m", "zoodiff.timing.timed", folder], check=True, timeout=120)
    return msgspec.json.decode((folder / timed.READING).read_bytes(), type=timed.Reading)


def test_as_many_runs_as_ordered(tmp_path: Path) -> None:
    reading = read(tmp_path, ORDER)
    assert len(reading.times) == 7
    assert min(reading.times) > 0
    assert reading.warm_up == 2
    assert 1 << 24 < reading.idle <= reading.peak < 1 << 30


def test_without_an_order_as_many_as_fit_within_bounds(tmp_path: Path) -> None:
    assert len(read(tmp_path, msgspec.structs.replace(ORDER, runs=None)).times) == 3
    many = msgspec.structs.replace(ORDER, runs=None, seconds=1e9)
    assert len(read(tmp_path, many).times) == 200


def test_inputs_of_each_type() -> None:
    inputs = [("a", "float16", [2, 50]), ("b", "uint8", [1000]), ("c", "int64", [100])]
    made = timed.feed(msgspec.structs.replace(ORDER, inputs=inputs))
    assert made["a"].dtype == np.float16
    assert made["a"].shape == (2, 50)
    assert made["b"].max() > 200
    assert set(made["c"]) == {0, 1}
