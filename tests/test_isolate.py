"""Environments are built from locks, once, whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

import toypackage
import toyzoo
from zoodiff import child, declare, gather, isolate, store, unit
from zoodiff.fault import Refusal
from zoodiff.isolate import Environment, Zoo

HERE = declare.interpreter(f"=={'.'.join(map(str, sys.version_info[:3]))}")


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders of the test's own, and a registry that is a folder."""
    monkeypatch.setenv("ZOODIFF_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("ZOODIFF_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PIP_CACHE_DIR", str(tmp_path / "pip"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    monkeypatch.setattr(store, "BUNDLED", tmp_path / "bundled")
    (tmp_path / "locks").mkdir()
    monkeypatch.setattr(isolate, "LOCKS", tmp_path / "locks")


def toy(tmp_path: Path, dependencies: str = '"leaf"', **more: str) -> Zoo:
    path = toyzoo.write(tmp_path / "zoo", ["a"], dependencies=dependencies, **{"version": 'version = "1"', **more})  # type: ignore[arg-type]
    return isolate.zoo(path)


def built(zoo: Zoo) -> tuple[Environment, list[str]]:
    said: list[str] = []
    with isolate.environment(zoo, said.append) as environment:
        return environment, said


def left() -> set[str]:
    """What is in the folder of environments, without lock files."""
    return {path.name for path in (isolate.cache() / "environments").iterdir() if path.suffix != ".lock"}


# ---------------------------------------------------------------- locks


def test_a_lock_holds_versions_and_sums(tmp_path: Path) -> None:
    leaf = toypackage.wheel(tmp_path / "wheels", "leaf", "2.0+cpu")
    toypackage.wheel(tmp_path / "wheels", "leaf", "1.0")
    stem = toypackage.wheel(tmp_path / "wheels", "stem", "1.1", requires="leaf<3")
    lone = toypackage.wheel(tmp_path / "wheels", "lone", "3", requires="not-there")
    zoo = toy(tmp_path, '"stem", "lone>2"', more='without-dependencies = ["lone"]')
    assert isolate.lock(zoo, HERE) == textwrap.dedent(f"""\
        # zoo: toy
        # target: {HERE.target}
        # requirement: lone>2 (alone)
        # requirement: stem
        # Made by: python -m zoodiff.isolate lock toy
        leaf==2.0 --hash=sha256:{toypackage.sha256(leaf)}
        lone==3 --hash=sha256:{toypackage.sha256(lone)}
        stem==1.1 --hash=sha256:{toypackage.sha256(stem)}
        """)


def test_what_cannot_be_resolved_is_one_message(tmp_path: Path) -> None:
    (tmp_path / "wheels").mkdir()
    with pytest.raises(Refusal, match="resolving the requirements of toy failed") as refusal:
        isolate.lock(toy(tmp_path), HERE)
    assert "has no file of that version" in refusal.value.hint
    assert "No matching distribution found for leaf" in refusal.value.hint


def test_only_listed_packages_are_built_from_source(tmp_path: Path) -> None:
    toypackage.source(tmp_path / "wheels", "leaf", "1")
    with pytest.raises(Refusal, match="No matching distribution"):
        isolate.lock(toy(tmp_path), HERE)


def test_a_source_package_is_built_with_locked_tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Needs a registry: for setuptools and wheel."""
    monkeypatch.delenv("PIP_NO_INDEX")
    path = toypackage.source(tmp_path / "wheels", "leafsource", "1")
    zoo = toy(tmp_path, '"leafsource"', more='from-source = ["leafsource"]', prove="import leafsource")
    environment, _ = built(zoo)
    assert f"leafsource==1 --hash=sha256:{toypackage.sha256(path)}" in environment.lock
    assert re.search(r"(?m)^setuptools==\S+ --hash=sha256:[0-9a-f]{64}$", environment.lock)


def test_the_committed_lock_is_used_and_a_stale_one_is_not(tmp_path: Path) -> None:
    toypackage.wheel(tmp_path / "wheels", "leaf", "1.0")
    zoo = toy(tmp_path)
    committed = isolate.LOCKS / "toy.txt"
    committed.write_text(isolate.lock(zoo, HERE))
    toypackage.wheel(tmp_path / "wheels", "leaf", "2.0")
    environment, _ = built(zoo)
    assert environment.lock == committed.read_text()
    assert environment.notes == ()
    committed.write_text(committed.read_text().replace("# requirement: leaf", "# requirement: leaf<2"))
    environment, said = built(zoo)
    assert "leaf==2.0" in environment.lock
    assert "resolved on this machine" in environment.notes[0]
    assert isolate.own_lock(zoo).read_text() == environment.lock
    assert any(str(isolate.own_lock(zoo)) in words for words in said)


def test_a_lock_of_the_users_own_comes_first(tmp_path: Path) -> None:
    toypackage.wheel(tmp_path / "wheels", "leaf", "1.0")
    zoo = toy(tmp_path)
    (isolate.LOCKS / "toy.txt").write_text(isolate.lock(zoo, HERE).replace("leaf==1.0", "leaf==9"))
    assert isolate.main(["lock", "toy"]) == 2  # a toy is no zoo of the package
    isolate.save(isolate.lock(zoo, HERE), isolate.own_lock(zoo))
    assert built(zoo)[0].notes == ("built from the user's own lock",)


def test_another_version_is_gathered(tmp_path: Path) -> None:
    for version in ("1.0", "2.0"):
        toypackage.wheel(tmp_path / "wheels", "leaf", version)
    zoo = toy(tmp_path, '"leaf==2.0"', version='version-of = "leaf"')
    for version in (None, "1.0"):
        gather.gather(zoo.file, version, progress=lambda _: None)
    assert [entry.version for entry in store.snapshots()] == ["1.0", "2.0"]
    assert store.load("toy", "1.0").provenance.packages["leaf"] == "1.0"
    assert {path.name for path in (store.home() / "locks").iterdir()} == {"toy.txt", "toy==1.0.txt"}


@pytest.mark.parametrize("path", sorted((Path(isolate.__file__).parent / "locks").glob("*.txt")), ids=lambda p: p.stem)
def test_committed_locks_are_sound(path: Path) -> None:
    """No place of this or that machine, only versions and sums; and they are what the zoo's header asks for."""
    identity, _, version = path.stem.partition("==")
    lines = path.read_text().splitlines()
    assert all(line.startswith("# ") or re.fullmatch(r"\S+==\S+( --hash=sha256:[0-9a-f]{64})+", line) for line in lines)
    assert "/" not in "".join(lines)
    if identity in unit.ids("zoos"):
        zoo = isolate.zoo(identity, version or None)
        assert isolate._fits(path.read_text(), zoo.needs, isolate._target(path.read_text()) or "")


# ---------------------------------------------------------------- environments


def test_an_environment_is_built_once_and_proven(tmp_path: Path) -> None:
    toypackage.wheel(tmp_path / "wheels", "leaf", "1.0")
    proofs = tmp_path / "proofs"
    prove = f"import leaf; open({str(proofs)!r}, 'a').write(leaf.version + ' ')"
    environment, said = built(toy(tmp_path, prove=prove))
    assert any("building" in words for words in said)
    again, said = built(toy(tmp_path, prove=prove))
    assert (again.key, said) == (environment.key, [])
    assert proofs.read_text() == "1.0 "
    assert subprocess.run([environment.python, "-c", "import leaf"], check=True, capture_output=True)
    assert left() == {environment.key}


def test_a_file_that_is_not_the_locked_one_is_refused(tmp_path: Path) -> None:
    toypackage.wheel(tmp_path / "wheels", "leaf", "1.0")
    zoo = toy(tmp_path)
    (isolate.LOCKS / "toy.txt").write_text(isolate.lock(zoo, HERE))
    toypackage.wheel(tmp_path / "wheels", "leaf", "1.0", code="import os  # another's code\n")
    with pytest.raises(Refusal, match="installing the packages of toy failed") as refusal:
        built(zoo)
    assert "not the one that the lock names" in refusal.value.hint
    assert left() == set()


def test_no_network_is_one_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toypackage.wheel(tmp_path / "wheels", "leaf", "1.0")
    zoo = toy(tmp_path)
    (isolate.LOCKS / "toy.txt").write_text(isolate.lock(zoo, HERE))
    shutil.rmtree(tmp_path / "wheels")
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_RETRIES", "1")
    with socket.socket() as taken:  # bound and not listening: connections are refused
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{taken.getsockname()[1]}/simple")
        with pytest.raises(Refusal, match="installing the packages of toy failed") as refusal:
            built(zoo)
    assert "registry cannot be reached" in refusal.value.hint
    assert left() == set()


def test_a_failed_proof_leaves_no_environment_but_its_log(tmp_path: Path) -> None:
    zoo = toy(tmp_path, "", prove="print('about to fail'); raise RuntimeError('no operator conv')")
    with pytest.raises(Refusal, match="the proof of toy failed: it ended with exit code 1") as refusal:
        built(zoo)
    assert "RuntimeError: no operator conv" in refusal.value.hint
    log = re.search(r"last lines of (\S+):", refusal.value.hint)
    assert log
    assert "about to fail" in Path(log[1]).read_text()
    assert left() == set()


def test_too_little_space_is_said_before_anything_is_built(tmp_path: Path) -> None:
    zoo = toy(tmp_path, "", more="disk-mb = 999_999_999")
    with pytest.raises(Refusal, match=r"needs 999,999,999 MB, and .* has .* MB left"):
        built(zoo)
    assert left() == set()


def test_a_disk_that_fills_up_is_one_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refusal) as refusal:
        built(toy(tmp_path, "", prove="raise OSError(28, os.strerror(28))"))
    assert "The disk is full" in refusal.value.hint

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    zoo = toy(tmp_path, "")
    monkeypatch.setattr(isolate, "_install", full)
    with pytest.raises(Refusal, match="disk is full"):
        built(zoo)
    assert left() == set()


def start(zoo: Zoo) -> subprocess.Popen[str]:
    code = f"""
        from pathlib import Path
        from zoodiff import isolate
        with isolate.environment(isolate.zoo(Path({str(zoo.file)!r})), print) as environment:
            print(environment.key)
    """
    environment = {**os.environ, "PYTHONPATH": str(Path(isolate.__file__).parents[1])}
    command = [sys.executable, "-c", textwrap.dedent(code)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_two_builders_at_once_build_one(tmp_path: Path) -> None:
    proofs = tmp_path / "proofs"
    zoo = toy(tmp_path, "", prove=f"time.sleep(1); open({str(proofs)!r}, 'a').write('x')")
    with start(zoo) as first, start(zoo) as second:
        outputs = [process.communicate(timeout=120) for process in (first, second)]
    assert (first.returncode, second.returncode) == (0, 0)
    assert proofs.read_text() == "x"
    assert sum("waiting for it" in said for _, said in outputs) == 1
    assert len({out.splitlines()[-1] for out, _ in outputs}) == 1


def test_a_killed_build_is_cleaned_up_by_the_next(tmp_path: Path) -> None:
    proving = tmp_path / "proving"
    zoo = toy(
        tmp_path, "", prove=f"Path({str(proving)!r}).exists() or (Path({str(proving)!r}).touch(), time.sleep(600))"
    )
    with start(zoo) as process:
        end = time.monotonic() + 60
        while not proving.exists():
            assert time.monotonic() < end
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    assert [name for name in left() if ".staging-" in name]
    environment, _ = built(zoo)
    assert left() == {environment.key}


def test_environments_are_listed_and_deleted_but_for_those_in_use(tmp_path: Path) -> None:
    zoo = toy(tmp_path, "")
    environment, _ = built(zoo)
    (found,) = isolate.kept()
    assert (found.zoo, found.folder) == ("toy", environment.folder)
    assert found.bytes > 1_000
    with isolate.environment(zoo, lambda _: None):
        assert isolate.clean() == []
    assert isolate.clean() == [found]
    assert left() == set()
    assert isolate.kept() == isolate.clean() == []


# ---------------------------------------------------------------- what children see


def test_pip_sees_its_registry_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "me"
    for path, text in {
        ".pip/pip.conf": "[global]\nindex-url = one\ntimeout = 5\n",
        ".config/pip/pip.conf": "[global]\nindex-url = two%20\n[install]\nfind-links = /x\n",
        "named.conf": "[global]\nretries = 7\n",
    }.items():
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        (home / path).write_text(text)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PIP_CONFIG_FILE", str(home / "named.conf"))
    monkeypatch.setenv("PIP_INDEX_URL", "three")
    for name in ("GITHUB_TOKEN", "PIP_TARGET", "PYTHONPATH", "TWINE_PASSWORD"):
        monkeypatch.setenv(name, "secret")
    found = child.installer_environment(tmp_path)
    assert "secret" not in found.values()
    assert found["PIP_INDEX_URL"] == "three"
    assert found["HOME"] == str(tmp_path)
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], env=found, capture_output=True, text=True, check=True
    ).stdout
    for line in ("global.index-url='two%20'", "global.timeout='5'", "global.retries='7'", "install.find-links='/x'"):
        assert line in listed
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    child.installer_environment(tmp_path)
    assert (tmp_path / "pip.conf").read_text() == ""


def test_a_child_that_takes_too_long_is_killed_with_its_own(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    began = time.monotonic()
    command = ["/bin/sh", "-c", f"sleep 300 & echo $! > {pid}; wait"]
    assert child.run(command, dict(os.environ), tmp_path, tmp_path / "log", 1.0) is None
    assert time.monotonic() - began < 10
    state = Path(f"/proc/{pid.read_text().strip()}/stat")
    for _ in range(100):
        if not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z":
            break
        time.sleep(0.05)
    else:
        pytest.fail("the grandchild lives on")


def test_state_tells_what_an_environment_is(tmp_path: Path) -> None:
    environment, _ = built(toy(tmp_path, ""))
    state = json.loads((environment.folder / "state.json").read_text())
    assert state == {"zoo": "toy", "target": HERE.target, "requirements": []}
