"""What was timed: percentiles as another library has them, ratios, documents that are read again, and refusals."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import numpy as np
import pytest

from madeup import bench, timed
from zoodiff.fault import Refusal
from zoodiff.record import Unmeasured
from zoodiff.timing import latency, machine
from zoodiff.timing.latency import Bench, Latency, Settings
from zoodiff.timing.median import Interval

RANDOM = np.random.default_rng(0)


def noisy(name: str, milliseconds: float, rounds: int = 10, runs: int = 20) -> Latency:
    """A network whose runs vary by a fiftieth."""
    times = (1e6 * milliseconds * RANDOM.lognormal(0, 0.02, (rounds, runs))).round().astype(int)
    kept = tuple(tuple(one.tolist()) for one in times)
    one = msgspec.structs.replace(timed(name, 1.0), macs=10**9)
    return msgspec.structs.replace(one, rounds=kept, processor=tuple(sum(each) for each in kept))


def test_percentiles_are_numpys_and_too_few_runs_have_none() -> None:
    model = noisy("a", 5.0)
    times = np.array(model.rounds, float).ravel() / 1e6
    for percent in (50, 90, 99):
        assert model.percentile(percent) == pytest.approx(np.percentile(times, percent))
    model = noisy("a", 5.0, rounds=6, runs=9)
    assert isinstance(model.percentile(99), Unmeasured)
    assert isinstance(model.percentile(90), float)


def test_the_median_is_that_of_the_rounds() -> None:
    model = noisy("a", 5.0)
    each = [np.median(times) / 1e6 for times in model.rounds]
    assert model.median().value == pytest.approx(np.median(each))
    assert isinstance(model.median().interval, Interval)
    assert isinstance(noisy("a", 5.0, rounds=2).median().interval, Unmeasured)


def test_a_saved_bench_is_read_again_whole(tmp_path: Path) -> None:
    found, path = bench(noisy("a", 5.0), noisy("b", 10.0)), tmp_path / "saved.json"
    path.write_text(json.dumps(latency.document(found)))
    assert latency.load(path) == found


def test_the_document_says_what_follows_from_the_times() -> None:
    made = json.loads(json.dumps(latency.document(bench(noisy("a", 5.0), noisy("b", 10.0)))))
    assert (made["format"], made["kind"]) == (1, "latency")
    [first, _] = made["models"]
    assert first["median_ms"]["ci"][0] < first["median_ms"]["value"] < first["median_ms"]["ci"][1]
    assert first["p50_ms"] < first["p90_ms"] < first["p99_ms"]
    [ratio] = made["ratios"]
    assert (ratio["ref"], ratio["to"]) == ("b", "a")
    assert ratio["value"] == pytest.approx(2, rel=0.05)
    few = latency.document(bench(noisy("a", 5.0, rounds=2)))
    assert few["models"][0]["median_ms"]["ci"] is None
    assert "too few" in few["models"][0]["p99_ms_why"]
    assert latency.document(bench())["ratios"] == []


def test_benches_of_one_machine_are_compared() -> None:
    [(model, ratio)] = latency.since(bench(noisy("b", 15.0)), bench(noisy("a", 5.0), noisy("b", 10.0)))
    assert model.ref == "b"
    assert isinstance(ratio.interval, Interval)
    assert ratio.interval.low < 1.5 < ratio.interval.high


def changed(found: Bench, **fields: object) -> Bench:
    return msgspec.structs.replace(found, **fields)


def test_benches_of_two_machines_or_settings_are_refused_in_words() -> None:
    now = bench(noisy("a", 5.0), noisy("b", 10.0))
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


@pytest.mark.parametrize(("rounds", "processor"), [((), ()), (((),), (1,)), (((0, 5),), (1,)), (((5,),), ())])
def test_times_that_are_none_are_refused(
    tmp_path: Path, rounds: tuple[object, ...], processor: tuple[int, ...]
) -> None:
    model = msgspec.to_builtins(timed("a", 5.0)) | {"rounds": rounds, "processor": processor}
    made = latency.document(bench()) | {"models": [model]}
    (tmp_path / "f.json").write_text(json.dumps(made))
    with pytest.raises(Refusal, match="a model has no times"):
        latency.load(tmp_path / "f.json")
