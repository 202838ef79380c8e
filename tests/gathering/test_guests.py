"""Guests that hang, die or flood lose only the model at fault."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

import toyzoo
from zoodiff.fault import Refusal

pytestmark = pytest.mark.usefixtures("places")


def test_flood_of_output_does_not_hang(tmp_path: Path) -> None:
    flood = "os.write(2, b'x' * 700_000); os.write(1, b'y' * 700_000)"
    began = time.monotonic()
    assert toyzoo.missing(toyzoo.write(tmp_path, ["a", "b"], flood), model=60.0) == {}
    assert time.monotonic() - began < 30


def test_a_killed_guest_loses_only_the_model_that_kills_it(tmp_path: Path) -> None:
    tries = tmp_path / "tries"
    body = f"""
        with open({str(tries)!r}, "a") as file:
            file.write(name + " ")
        if name == "bad":
            os.kill(os.getpid(), signal.SIGKILL)
        if name == "worse":
            print("about to go", flush=True)
            os._exit(7)
    """
    reasons = toyzoo.missing(toyzoo.write(tmp_path, ["a", "bad", "c", "worse", "e"], body, batch=5))
    assert list(reasons) == ["bad", "worse"]
    assert "killed by SIGKILL (out of memory?)" in reasons["bad"]
    assert "exit code 7: about to go" in reasons["worse"]
    assert sorted(tries.read_text().split()) == ["a", "bad", "bad", "c", "e", "worse"]


def test_a_second_try_has_the_machine_to_itself(tmp_path: Path) -> None:
    """A model that only dies beside another one is no failure."""
    flag = tmp_path / "busy"
    body = f"""
        flag = Path({str(flag)!r} + name)
        others = [path for path in flag.parent.glob("busy*") if path != flag]
        flag.touch()
        time.sleep(0.3)
        if others or [path for path in flag.parent.glob("busy*") if path != flag]:
            flag.unlink()
            os.kill(os.getpid(), signal.SIGKILL)
        flag.unlink()
    """
    assert toyzoo.missing(toyzoo.write(tmp_path, ["a", "b"], body, batch=1)) == {}


def test_a_model_that_hangs_is_given_up(tmp_path: Path) -> None:
    body = "if name == 'slow': signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    reasons = toyzoo.missing(toyzoo.write(tmp_path, ["a", "slow", "c"], body, batch=3), model=2.0)
    assert reasons == {"slow": "it took longer than 2 s"}


def test_the_whole_has_a_limit_and_can_go_on(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    body = f"if name == 'slow':\n    while not os.path.exists({str(gate)!r}): time.sleep(0.1)"
    zoo = toyzoo.write(tmp_path, ["a", "slow"], body, batch=1)
    with pytest.raises(Refusal, match="1 of 2 models are done"):
        toyzoo.missing(zoo, all=2.0)
    gate.touch()
    assert toyzoo.missing(zoo) == {}
