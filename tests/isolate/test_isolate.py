"""Environments are built from locks, once, whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

import toypackage
import toyzoo
from zoodiff.fault import Refusal
from zoodiff.isolate import install, isolate
from zoodiff.isolate.declare import Zoo

pytestmark = pytest.mark.usefixtures("registry")


def test_an_environment_is_built_once_and_proven(tmp_path: Path) -> None:
    toypackage.wheel(tmp_path / "wheels", "leaf", "1.0")
    proofs = tmp_path / "proofs"
    prove = f"import leaf; open({str(proofs)!r}, 'a').write(leaf.version + ' ')"
    environment, said = toyzoo.built(toyzoo.declared(tmp_path, prove=prove))
    assert any("building" in words for words in said)
    again, said = toyzoo.built(toyzoo.declared(tmp_path, prove=prove))
    assert (again.key, said) == (environment.key, [])
    assert proofs.read_text() == "1.0 "
    assert subprocess.run([environment.python, "-c", "import leaf"], check=True, capture_output=True)
    assert toyzoo.left() == {environment.key}


def test_a_failed_proof_leaves_no_environment_but_its_log(tmp_path: Path) -> None:
    zoo = toyzoo.declared(tmp_path, "", prove="print('about to fail'); raise RuntimeError('no operator conv')")
    with pytest.raises(Refusal, match="the proof of toy failed: it ended with exit code 1") as refusal:
        toyzoo.built(zoo)
    assert "RuntimeError: no operator conv" in refusal.value.hint
    log = re.search(r"last lines of (\S+):", refusal.value.hint)
    assert log
    assert "about to fail" in Path(log[1]).read_text()
    assert toyzoo.left() == set()


def test_too_little_space_is_said_before_anything_is_built(tmp_path: Path) -> None:
    zoo = toyzoo.declared(tmp_path, "", more="disk-mb = 999_999_999")
    with pytest.raises(Refusal, match=r"needs 999,999,999 MB, and .* has .* MB left"):
        toyzoo.built(zoo)
    assert toyzoo.left() == set()


def test_a_disk_that_fills_up_is_one_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refusal) as refusal:
        toyzoo.built(toyzoo.declared(tmp_path, "", prove="raise OSError(28, os.strerror(28))"))
    assert "The disk is full" in refusal.value.hint

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    zoo = toyzoo.declared(tmp_path, "")
    monkeypatch.setattr(install, "install", full)
    with pytest.raises(Refusal, match="disk is full"):
        toyzoo.built(zoo)
    assert toyzoo.left() == set()


def start(zoo: Zoo) -> subprocess.Popen[str]:
    code = f"""
        from pathlib import Path
        from zoodiff.isolate import declare, isolate
        with isolate.environment(declare.zoo(Path({str(zoo.file)!r})), print) as environment:
            print(environment.key)
    """
    environment = {**os.environ, "PYTHONPATH": str(Path(isolate.__file__).parents[2])}
    command = [sys.executable, "-c", textwrap.dedent(code)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_two_builders_at_once_build_one(tmp_path: Path) -> None:
    proofs = tmp_path / "proofs"
    zoo = toyzoo.declared(tmp_path, "", prove=f"time.sleep(1); open({str(proofs)!r}, 'a').write('x')")
    with start(zoo) as first, start(zoo) as second:
        outputs = [process.communicate(timeout=120) for process in (first, second)]
    assert (first.returncode, second.returncode) == (0, 0)
    assert proofs.read_text() == "x"
    assert sum("waiting for it" in said for _, said in outputs) == 1
    assert len({out.splitlines()[-1] for out, _ in outputs}) == 1


def test_a_killed_build_is_cleaned_up_by_the_next(tmp_path: Path) -> None:
    proving = tmp_path / "proving"
    zoo = toyzoo.declared(
        tmp_path, "", prove=f"Path({str(proving)!r}).exists() or (Path({str(proving)!r}).touch(), time.sleep(600))"
    )
    with start(zoo) as process:
        end = time.monotonic() + 60
        while not proving.exists():
            assert time.monotonic() < end
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    assert [name for name in toyzoo.left() if ".staging-" in name]
    environment, _ = toyzoo.built(zoo)
    assert toyzoo.left() == {environment.key}


def test_environments_are_listed_and_deleted_but_for_those_in_use(tmp_path: Path) -> None:
    zoo = toyzoo.declared(tmp_path, "")
    environment, _ = toyzoo.built(zoo)
    (found,) = isolate.kept()
    assert (found.zoo, found.folder) == ("toy", environment.folder)
    assert found.bytes > 1_000
    with isolate.environment(zoo, lambda _: None):
        assert isolate.clean() == []
    assert isolate.clean() == [found]
    assert toyzoo.left() == set()
    assert isolate.kept() == isolate.clean() == []


def test_state_tells_what_an_environment_is(tmp_path: Path) -> None:
    environment, _ = toyzoo.built(toyzoo.declared(tmp_path, ""))
    state = json.loads((environment.folder / "state.json").read_text())
    assert state == {"zoo": "toy", "target": toyzoo.HERE.target, "requirements": []}
