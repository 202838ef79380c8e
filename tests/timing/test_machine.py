"""What machine this is, and which two are taken for one."""

from __future__ import annotations

import os

import msgspec
import pytest

from zoodiff.timing import machine
from zoodiff.timing.machine import Machine, differences

ONE = Machine("A CPU", 8, 16 << 30, "Linux x86_64", None, "1.20.0")


def test_this_machine_says_what_it_is() -> None:
    here = machine.here()
    assert here.cpu
    assert here.cores == os.cpu_count()
    assert here.memory is None or here.memory > 1 << 28
    assert not differences(here, here)


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"cpu": "B CPU"}, "cpu: A CPU against B CPU"),
        ({"cores": 4}, "cores: 8 against 4"),
        ({"governor": "powersave"}, "governor: not known against powersave"),
        ({"onnxruntime": "1.18.0"}, "onnxruntime: 1.20.0 against 1.18.0"),
        ({"memory": 8 << 30}, "memory: "),
    ],
)
def test_another_machine_is_told_apart_in_words(other: dict[str, object], words: str) -> None:
    [said] = differences(ONE, msgspec.structs.replace(ONE, **other))
    assert said.startswith(words)


def test_a_little_memory_that_the_system_keeps_is_no_other_machine() -> None:
    assert not differences(ONE, msgspec.structs.replace(ONE, memory=(16 << 30) - (64 << 20)))


def test_without_the_systems_files_what_is_not_known_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    for name in ("_CPUINFO", "_MEMINFO", "_GOVERNOR"):
        monkeypatch.setattr(machine, name, tmp_path / "none")
    here = machine.here()
    assert here.cpu
    assert here.governor is None
    assert machine.available() is None
