"""Benches: turns, percentiles and refusals on a clock that is made up; real ones only where times do not matter."""

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

import msgspec
import numpy as np
import onnx
import pytest

from madeup import Ran, filled, tiny
from networks import network
from zoodiff import latency, machine, timed
from zoodiff.fault import Refusal
from zoodiff.latency import Bench, Job, Settings, bench
from zoodiff.median import Interval
from zoodiff.record import Unmeasured


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
        rounds = list(zip(clock.turns[::2], clock.turns[1::2], strict=True))
        assert len(rounds) == 10
        assert all(set(turns) == {"once", "twice"} for turns in rounds)
        assert len(set(rounds)) == 2  # either comes first at times
        orders.append(rounds)
    assert orders[0] == orders[1] != orders[2]


def test_a_ratio_of_two_is_found_though_the_machine_slows_down(pair: list[str]) -> None:
    found = bench(pair, timer=Clock(drift=0.05))  # at the end of it twice as slow as at its beginning
    [(model, ratio)] = found.ratios()
    assert model.ref == pair[1]
    assert isinstance(ratio.interval, Interval)
    assert ratio.interval.low < 2 < ratio.interval.high
    assert ratio.interval.high / ratio.interval.low < 1.15
    assert ratio.interval.level >= 0.95


def test_percentiles_are_numpys_and_too_few_runs_have_none(pair: list[str]) -> None:
    [model, _] = bench(pair, timer=Clock()).models
    times = np.array(model.rounds, float).ravel() / 1e6
    assert len(times) == 200
    for percent in (50, 90, 99):
        assert model.percentile(percent) == pytest.approx(np.percentile(times, percent))
    [model, _] = bench(pair, settings=Settings(rounds=6, runs=9), timer=Clock()).models
    assert isinstance(model.percentile(99), Unmeasured)
    assert isinstance(model.percentile(90), float)


def test_every_round_has_as_many_runs_as_the_first(pair: list[str]) -> None:
    [model, _] = bench(pair, settings=Settings(rounds=3), timer=Clock()).models
    assert [len(times) for times in model.rounds] == [20, 20, 20]


def test_a_model_that_fails_is_out_with_the_reason_and_the_rest_goes_on(pair: list[str]) -> None:
    found = bench([*pair, "nozoo:x"], timer=Clock(fails="twice"))
    assert [len(model.rounds) for model in found.models] == [10]
    assert [lost.ref for lost in found.untimed] == [pair[1], "nozoo:x"]
    assert "NoSuchOperator" in found.untimed[0].reason
    assert "there is no zoo 'nozoo'" in found.untimed[1].reason


def test_a_saved_bench_is_read_again_whole(pair: list[str], tmp_path: Path) -> None:
    found = bench(pair, timer=Clock())
    path = tmp_path / "saved.json"
    path.write_text(json.dumps(latency.document(found)))
    assert latency.load(path) == found


def test_the_document_says_what_follows_from_the_times(pair: list[str]) -> None:
    found = bench(pair, timer=Clock())
    made = json.loads(json.dumps(latency.document(found)))
    assert (made["format"], made["kind"]) == (1, "latency")
    [first, second] = made["models"]
    assert first["macs"] == 27 * 8 * 32**2 + 80
    assert first["median_ms"]["ci"][0] < first["median_ms"]["value"] < first["median_ms"]["ci"][1]
    assert first["p50_ms"] < first["p90_ms"] < first["p99_ms"]
    assert made["ratios"][0]["ref"] == second["ref"]
    assert made["ratios"][0]["value"] == pytest.approx(2, rel=0.05)
    few = latency.document(bench(pair, settings=Settings(rounds=2), timer=Clock()))
    assert few["models"][0]["median_ms"]["ci"] is None
    assert "too few" in few["models"][0]["p99_ms_why"]


@pytest.mark.parametrize(("share", "busy"), [(1.0, False), (0.97, False), (0.7, True)])
def test_a_machine_whose_processor_others_took_was_busy(pair: list[str], share: float, busy: bool) -> None:
    assert bench(pair, timer=Clock(share=share)).busy is busy


def changed(found: Bench, **fields: object) -> Bench:
    return msgspec.structs.replace(found, **fields)


def test_benches_of_one_machine_are_compared(pair: list[str]) -> None:
    before, now = bench(pair, timer=Clock()), bench(pair[1:], timer=Clock(drift=0.0))
    [(model, ratio)] = latency.since(now, before)
    assert model.ref == pair[1]
    assert isinstance(ratio.interval, Interval)
    assert ratio.interval.low <= 1 <= ratio.interval.high


def test_benches_of_two_machines_or_settings_are_refused_in_words(pair: list[str]) -> None:
    now = bench(pair, timer=Clock())
    other = changed(now, machine=msgspec.structs.replace(machine.here(), cpu="Another CPU", cores=64))
    with pytest.raises(Refusal, match=r"different machines.*cpu: .* against Another CPU; cores: \d+ against 64"):
        latency.since(now, other)
    with pytest.raises(Refusal, match="threads: 1 against 2"):
        latency.since(now, changed(now, settings=Settings(threads=2)))
    with pytest.raises(Refusal, match="no model is in both"):
        latency.since(changed(now, models=now.models[:1]), changed(now, models=now.models[1:]))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "holds no bench"),
        ('{"kind": "audit", "format": 1}', "is of kind 'audit'"),
        ('{"kind": "latency", "format": 9}', "format 9"),
        ('{"kind": "latency", "format": 1}', "holds no bench"),
    ],
)
def test_what_is_no_bench_is_refused(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "f.json").write_text(text)
    with pytest.raises(Refusal, match=words):
        latency.load(tmp_path / "f.json")
    with pytest.raises(Refusal, match="cannot read"):
        latency.load(tmp_path / "none.json")


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
    alone = cli("bench", tmp_path / "net.onnx", "--rounds", 1, "--runs", 1)
    assert alone.code == 2
    assert "NoSuchOperator" in alone.err


def test_usage(cli: Callable[..., Ran], tmp_path: Path) -> None:
    assert cli("bench").code == 2
    assert "takes models or a saved bench" in cli("bench").err
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert "cannot write" in cli("bench", filled(tmp_path), "--out", blocked / "f.json").err


def test_an_interrupt_leaves_no_process_and_no_file(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path / "temporary")}
    (tmp_path / "temporary").mkdir()
    command = [sys.executable, "-m", "zoodiff", "bench", str(filled(tmp_path)), "--rounds", "1000"]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    orders = tmp_path / "temporary"
    deadline = time.monotonic() + 60
    while not list(orders.glob(f"*/{timed.READING}")) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 130, error
    assert error.strip().endswith("interrupted")
    assert not list(orders.iterdir())


@pytest.mark.live
def test_two_copies_in_series_take_twice_as_long(tmp_path: Path) -> None:
    """Needs a quiet machine."""
    once = onnx.ModelProto.FromString(network(CHAIN.format(body=chain("x", "y"))).SerializeToString())
    twice = network(CHAIN.format(body=chain("x", "m") + chain("m", "y")))
    paths = []
    for name, model in (("once", once), ("twice", twice)):
        (tmp_path / f"{name}.onnx").write_bytes(model.SerializeToString())
        paths.append(tmp_path / f"{name}.onnx")
    found = bench(paths, random_weights=True)
    [(_, ratio)] = found.ratios()
    assert isinstance(ratio.interval, Interval)
    assert ratio.interval.low < 2.1
    assert ratio.interval.high > 1.9


CHAIN = "net (float[1,64,56,56] x) => (float[1,64,56,56] y) <float[64,64,3,3] w> {{ {body} }}"


def chain(start: str, end: str) -> str:
    """Four convolutions in series."""
    names = [start, *(f"{end}{at}" for at in range(3)), end]
    return " ".join(f"{after} = Conv<pads = [1, 1, 1, 1]>({before}, w)" for before, after in pairwise(names))


@pytest.mark.live
def test_random_weights_take_as_long_as_real_ones(evidence: Path) -> None:
    """Needs a quiet machine."""
    path = evidence / "models" / "squeezenet1.1.onnx"
    real, random = (bench([path], random_weights=choice).models[0] for choice in (False, True))
    assert (real.weights, random.weights) == ("own", "random")
    assert np.median(random.medians) == pytest.approx(np.median(real.medians), rel=0.15)
