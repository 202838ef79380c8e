"""Gathering outlasts whatever a zoo's code does, and never leaves half a snapshot."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

import toyzoo
from zoodiff.fault import Refusal
from zoodiff.gathering import gather
from zoodiff.gathering.step import Step
from zoodiff.places import caches
from zoodiff.reading import entries, store

pytestmark = pytest.mark.usefixtures("places")


def test_a_zoo_becomes_a_snapshot(tmp_path: Path) -> None:
    unfinished = set((caches() / "work").glob("*"))  # of tests before
    steps: list[Step] = []
    names = ["one", "two/b", "-three", "4.0", ".."]
    made = gather.gather(toyzoo.write(tmp_path, names), progress=steps.append)
    read = store.load("toy")
    assert set(made.models) == set(read.models)
    assert [model.name for model in made] == names
    assert (made.zoo, made.version, made.format) == ("toy", "1.0", store.FORMAT)
    assert store.skeleton("toy", "1.0", "gtwo_b.onnx") == toyzoo.skeleton()
    assert str(made.models[0].claims[0].value) == "76.1"
    assert made.provenance.packages == {}
    assert made.provenance.python == ".".join(map(str, sys.version_info[:3]))
    assert len(made.provenance.lock) == 64
    assert "no committed lock" in made.provenance.notes[0]
    assert (steps[-1].done, steps[-1].total, steps[-1].failed) == (5, 5, 0)
    assert set((caches() / "work").iterdir()) == unfinished


def test_a_part_is_no_snapshot(tmp_path: Path) -> None:
    zoo = toyzoo.write(tmp_path, ["one", "two"])
    made = gather.gather(zoo, only=["two"], progress=lambda _: None)
    assert [model.name for model in made] == ["two"]
    assert entries.snapshots() == []
    gather.gather(zoo, only=["two"], root=tmp_path / "part", progress=lambda _: None)
    assert (tmp_path / "part" / "toy" / "1.0" / "snapshot.json").is_file()
    with pytest.raises(Refusal, match="no model 'tow'") as refusal:
        gather.gather(zoo, only=["tow"], progress=lambda _: None)
    assert "two" in refusal.value.hint


def start(zoo: Path) -> subprocess.Popen[str]:
    """A process that gathers, as the command line does."""
    code = f"""
        import sys
        from pathlib import Path
        from zoodiff.gathering import gather
        try:
            gather.gather(Path({str(zoo)!r}))
        except KeyboardInterrupt:
            sys.exit(130)
    """
    environment = {**os.environ, "PYTHONPATH": str(Path(gather.__file__).parents[2])}
    command = [sys.executable, "-c", textwrap.dedent(code)]
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)


def wait_for(path: Path, seconds: float = 60.0) -> str:
    """Wait until a file is there and not empty."""
    end = time.monotonic() + seconds
    while not path.exists() or not path.read_text():
        assert time.monotonic() < end, f"{path} did not come"
        time.sleep(0.05)
    return path.read_text()


def gone(pid: int) -> bool:
    """Whether a process ends within a few seconds."""
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_interrupted_leaves_nothing_half_written_and_goes_on_later(tmp_path: Path, number: signal.Signals) -> None:
    pids, done, gate = tmp_path / "pids", tmp_path / "done", tmp_path / "gate"
    body = f"""
        if name == "slow" and not os.path.exists({str(gate)!r}):
            import subprocess
            grandchild = subprocess.Popen(["sleep", "300"])
            Path({str(pids)!r}).write_text(f"{{os.getpid()}} {{grandchild.pid}}")
            time.sleep(300)
        with open({str(done)!r}, "a") as file:
            file.write(name + " ")
    """
    zoo = toyzoo.write(tmp_path, ["first", "slow", "third"], body, batch=3)
    with start(zoo) as process:
        children = [int(pid) for pid in wait_for(pids).split()]
        process.send_signal(number)
        _, said = process.communicate(timeout=30)
    assert process.returncode == (130 if number != signal.SIGKILL else -signal.SIGKILL)
    assert "Traceback" not in said
    assert all(gone(pid) for pid in children)
    assert entries.snapshots() == []
    gate.touch()
    assert toyzoo.missing(zoo) == {}
    assert done.read_text().split() == ["first", "slow", "third"]
    assert len(store.load("toy").models) == 3
