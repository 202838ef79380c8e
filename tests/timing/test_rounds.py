"""Rounds: turns and failures on a clock that is made up; real times only where it does not matter what they are."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from madeup import Ran, filled, tiny
from networks import network
from zoodiff.fault import Refusal
from zoodiff.proof import execute
from zoodiff.timing import machine, rounds, timed
from zoodiff.timing.latency import Settings
from zoodiff.timing.median import Interval
from zoodiff.timing.rounds import Job, bench


class Clock:
    """Makes up times: what each model takes, times a drift of the whole machine and some noise."""

    def __init__(self, drift: float = 0.0, fails: str = "", share: float = 1.0) -> None:
        self.random, self.drift, self.fails, self.share = np.random.default_rng(0), drift, fails, share
        self.turns: list[str] = []

    def __call__(self, job: Job, order: timed.Order) -> timed.Reading:
        name = Path(job.network.ref).stem
        if name == self.fails and len(self.turns) > 3:
            raise Refusal("onnxruntime does not run it: NoSuchOperator")
        self.turns.append(name)
        base = {"once": 10e6, "twice": 20e6}[name] * (1 + self.drift * len(self.turns))
        runs = order.runs or 20
        times = [int(base * self.random.lognormal(0, 0.02)) for _ in range(runs)]
        return timed.Reading(times, int(self.share * sum(times)), 2, 5 << 20, 3 << 20)


@pytest.fixture
def pair(tmp_path: Path) -> list[str]:
    for name in ("once", "twice"):
        (tmp_path / f"{name}.onnx").write_bytes(tiny(8))
    return [str(tmp_path / "once.onnx"), str(tmp_path / "twice.onnx")]


def test_models_take_turns_in_an_order_that_the_seed_shuffles(pair: list[str]) -> None:
    orders = []
    for seed in (0, 0, 1):
        clock = Clock()
        bench(pair, settings=Settings(seed=seed), timer=clock)
        turns = list(zip(clock.turns[::2], clock.turns[1::2], strict=True))
        assert len(turns) == 10
        assert all(set(both) == {"once", "twice"} for both in turns)
        assert len(set(turns)) == 2  # either comes first at times
        orders.append(turns)
    assert orders[0] == orders[1] != orders[2]


def test_a_ratio_of_two_is_found_though_the_machine_slows_down(pair: list[str]) -> None:
    found = bench(pair, timer=Clock(drift=0.05))  # at the end of it twice as slow as at its beginning
    [(model, ratio)] = found.ratios()
    assert model.ref == pair[1]
    assert isinstance(ratio.interval, Interval)
    assert ratio.interval.low < 2 < ratio.interval.high
    assert ratio.interval.high / ratio.interval.low < 1.15
    assert ratio.interval.level >= 0.95


def test_every_round_has_as_many_runs_as_the_first(pair: list[str]) -> None:
    [model, _] = bench(pair, settings=Settings(rounds=3), timer=Clock()).models
    assert [len(times) for times in model.rounds] == [20, 20, 20]


def test_a_model_that_fails_is_out_with_the_reason_and_the_rest_goes_on(pair: list[str]) -> None:
    found = bench(pair, timer=Clock(fails="twice"))
    assert [len(model.rounds) for model in found.models] == [10]
    assert [lost.ref for lost in found.untimed] == [pair[1]]
    assert "NoSuchOperator" in found.untimed[0].reason


def test_a_name_that_is_not_known_is_refused_before_anything_is_timed(pair: list[str]) -> None:
    clock = Clock()
    with pytest.raises(Refusal, match="there is no zoo 'nozoo'"):
        bench([*pair, "nozoo:x"], timer=clock)
    assert not clock.turns


@pytest.mark.parametrize(("share", "busy"), [(1.0, False), (0.97, False), (0.7, True)])
def test_a_machine_whose_processor_others_took_was_busy(pair: list[str], share: float, busy: bool) -> None:
    assert bench(pair, timer=Clock(share=share)).busy is busy


def test_more_threads_than_processors_and_too_much_memory_are_refused(
    pair: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if machine.processors():
        with pytest.raises(Refusal, match="--threads 4096"):
            bench(pair, settings=Settings(threads=4096), timer=Clock())
    monkeypatch.setattr(machine, "available", lambda: 1 << 20)
    found = bench(pair, timer=Clock())
    assert not found.models
    assert "of memory, and there are 0.0 GiB" in found.untimed[0].reason


# ---------------------------------------------------------------- for real, whatever the times are


def test_the_command_times_files_and_says_what_it_ran(cli: Callable[..., Ran], tmp_path: Path) -> None:
    path, out = filled(tmp_path), tmp_path / "new" / "bench.json"
    ran = cli("bench", path, "--rounds", 2, "--runs", 4, "--batch", 2, "--out", out, "--json")
    assert ran.code == 0, ran.err
    made = json.loads(ran.out)
    [model] = made["models"]
    assert model["weights"] == "own"
    assert model["input"] == {"x": [2, 3, 32, 32]}
    assert [len(times) for times in model["rounds"]] == [4, 4]
    assert model["peak_memory"] >= model["idle_memory"] > 1 << 24
    assert made["machine"]["onnxruntime"]
    shown = cli("bench", "--from", out, "--against", out)
    assert shown.code == 0
    assert "threads 1" in shown.out
    assert "1.000" in shown.out


def test_an_operator_that_onnxruntime_lacks_is_a_reason(cli: Callable[..., Ran], tmp_path: Path) -> None:
    model = network("net (float[2] x) => (float[2] y) { y = NoSuchOperator(x) }")
    (tmp_path / "net.onnx").write_bytes(model.SerializeToString())
    ran = cli("bench", tmp_path / "net.onnx", filled(tmp_path), "--rounds", 1, "--runs", 1, "--strict")
    assert ran.code == 1
    assert "not timed" in ran.out
    assert "NoSuchOperator" in ran.out
    alone = cli("bench", tmp_path / "net.onnx", "--rounds", 1, "--runs", 1, "--json")
    assert alone.code == 2
    assert "NoSuchOperator" in alone.err
    assert json.loads(alone.out)["kind"] == "error"


def test_an_interrupt_leaves_no_process_and_no_file(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path / "temporary")}
    (tmp_path / "temporary").mkdir()
    out = tmp_path / "out" / "bench.json"
    command = [sys.executable, "-m", "zoodiff", "bench", str(filled(tmp_path)), "--rounds", "1000", "--out", str(out)]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    orders = tmp_path / "temporary"
    deadline = time.monotonic() + 60
    while not list(orders.glob(f"*/{timed.READING}")) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 130, error
    assert error.strip().endswith("interrupted")
    assert not [*orders.iterdir(), *out.parent.iterdir()]


@pytest.mark.live
def test_two_copies_in_series_take_twice_as_long(tmp_path: Path) -> None:
    """Needs a quiet machine."""
    once, twice = (network(CHAIN.format(body), w=(64, 64, 3, 3)) for body in (chain("x", "y"), TWICE))
    paths = []
    for name, model in (("once", once), ("twice", twice)):
        (tmp_path / f"{name}.onnx").write_bytes(model.SerializeToString())
        paths.append(tmp_path / f"{name}.onnx")
    found = bench(paths, random_weights=True)
    [(_, ratio)] = found.ratios()
    assert isinstance(ratio.interval, Interval)
    assert ratio.interval.low < 2.1
    assert ratio.interval.high > 1.9


CHAIN = "net (float[1,64,56,56] x) => (float[1,64,56,56] y) {{ {} }}"


def chain(start: str, end: str) -> str:
    """Four convolutions in series."""
    names = [start, *(f"{end}{at}" for at in range(3)), end]
    return " ".join(f"{after} = Conv<pads = [1, 1, 1, 1]>({before}, w)" for before, after in pairwise(names))


TWICE = chain("x", "m") + chain("m", "y")


@pytest.mark.live
def test_random_weights_take_as_long_as_real_ones(evidence: Path) -> None:
    """Needs a quiet machine."""
    path = evidence / "models" / "squeezenet1.1.onnx"
    real, random = (bench([path], random_weights=choice).models[0] for choice in (False, True))
    assert (real.weights, random.weights) == ("own", "random")
    assert np.median(random.medians) == pytest.approx(np.median(real.medians), rel=0.15)


def test_a_run_without_end_is_given_up_and_the_others_go_on(pair: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is a real one, on a real process; only its length is not."""
    real = rounds._timed

    def timed_shortly(job: Job, order: timed.Order) -> timed.Reading:
        with monkeypatch.context() as patch:
            if job.network.ref == pair[0]:
                patch.setattr(execute, "SECONDS", 0.05)
            return real(job, order)

    found = bench(pair, settings=Settings(rounds=1), timer=timed_shortly)
    assert [model.ref for model in found.models] == [pair[1]]
    assert [(one.ref, one.reason) for one in found.untimed] == [
        (pair[0], "onnxruntime does not run it: it took too long")
    ]
