"""The screen of a bench: each number with its interval, the machine, and all that was not timed."""

from __future__ import annotations

import pytest

from zoodiff.showing import screen
from zoodiff.timing.latency import Bench, Latency, Settings, Untimed
from zoodiff.timing.machine import Machine
from zoodiff.views import latency


def model(name: str, milliseconds: int, runs: int = 20, share: float = 1.0) -> Latency:
    rounds = tuple(tuple(10**4 * (100 * milliseconds + r) + r for _ in range(runs)) for r in range(10))
    return Latency(
        ref=f"zoo:{name}/w1", architecture=None, sha256=None, weights="random", input={"x": (1, 3, 224, 224)},
        macs=10**9, rounds=rounds, processor=tuple(int(share * sum(times)) for times in rounds), warm_up=2,
        peak_memory=100 << 20, idle_memory=50 << 20,
    )  # fmt: skip


def bench(*models: Latency) -> Bench:
    return Bench(
        machine=Machine("A CPU", 8, 16 << 30, "Linux x86_64", "performance", "1.20.0"), settings=Settings(),
        processors=(7,), began="2026-01-02T03:04:05Z", load=(0.1, 0.2), models=models,
        untimed=(Untimed("zoo:odd", "no such operator"),),
    )  # fmt: skip


@pytest.fixture(autouse=True)
def _narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    screen.console.cache_clear()


def test_everything_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    latency.show(bench(model("fast", 5), model("slow", 10)))
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    for words in (
        "A CPU",
        "performance",
        "onnxruntime 1.20.0",
        "bound to 7",
        "1x3x224x224",
        "random",
        "10x20",
        "1,000.00",
        "100",
    ):
        assert words in out
    assert "5.05" in out  # the median, and the rounds that bound it
    assert "5.01 … 5.08" in out
    assert "1.991" in out  # the rounds' own ratios fall from 2 to 1.982
    assert "not timed: zoo:odd: no such operator" in out
    assert "busy" not in out


def test_a_busy_machine_is_said_to_be_one(capsys: pytest.CaptureFixture[str]) -> None:
    latency.show(bench(model("fast", 5, runs=1, share=0.6)))
    out = capsys.readouterr().out
    assert "busy" in out
