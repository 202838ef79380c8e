"""Every reader and stage, fed with damaged input: a little of it here, in plenty with `make fuzz`."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fuzzing

CORPUS = sorted(path for path in (Path(fuzzing.__file__).parent / "corpus").iterdir())
"""Inputs that once crashed or hung something; the part of the name before the dash is the target."""
FEW = {"command": 15, "dataset": 40, "image": 60, "pair": 40, "predictions": 60, "snapshot": 20}


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Folders of our own; numpy may warn of what strange numbers come to."""
    monkeypatch.setenv("ZOODIFF_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ZOODIFF_CACHE", str(tmp_path / "cache"))
    for name in ("snapshot", "command"):
        getattr(import_module(f"targets.{name}"), "_home" if name == "snapshot" else "_folder").cache_clear()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_what_once_went_wrong(path: Path) -> None:
    began = time.monotonic()
    import_module(f"targets.{path.name.partition('-')[0]}").run(path.read_bytes())
    assert time.monotonic() - began < 30  # of hours, before


@pytest.mark.parametrize("name", fuzzing.TARGETS)
def test_damaged_input_is_taken_or_refused(name: str) -> None:
    target = import_module(f"targets.{name}")
    seeds = target.seeds()
    for seed in seeds[:: max(1, len(seeds) // 20)]:
        target.run(seed)

    @settings(max_examples=FEW.get(name, 150), derandomize=True, deadline=None, database=None)
    @given(st.integers(0, 1 << 32))
    def damaged(number: int) -> None:
        target.run(fuzzing.made(target, seeds, number))

    damaged()
