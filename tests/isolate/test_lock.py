"""Locks hold exact versions and sums, and an environment is built from the right one."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest

import toypackage
import toyzoo
from zoodiff import places, unit
from zoodiff.fault import Refusal
from zoodiff.gathering import gather
from zoodiff.isolate import declare, isolate, lock
from zoodiff.reading import entries, store

pytestmark = pytest.mark.usefixtures("registry")


def test_a_lock_holds_versions_and_sums(tmp_path: Path) -> None:
    leaf = toypackage.wheel(tmp_path / "wheels", "leaf", "2.0+cpu")
    toypackage.wheel(tmp_path / "wheels", "leaf", "1.0")
    stem = toypackage.wheel(tmp_path / "wheels", "stem", "1.1", requires="leaf<3")
    lone = toypackage.wheel(tmp_path / "wheels", "lone", "3", requires="not-there")
    zoo = toyzoo.declared(tmp_path, '"stem", "lone>2"', more='without-dependencies = ["lone"]')
    assert lock.resolve(zoo, toyzoo.HERE) == textwrap.dedent(f"""\
        # zoo: toy
        # target: {toyzoo.HERE.target}
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
        lock.resolve(toyzoo.declared(tmp_path), toyzoo.HERE)
    assert "has no file of that version" in refusal.value.hint
    assert "No matching distribution found for leaf" in refusal.value.hint


def test_only_listed_packages_are_built_from_source(tmp_path: Path) -> None:
    toypackage.source(tmp_path / "wheels", "leaf", "1")
    with pytest.raises(Refusal, match="No matching distribution"):
        lock.resolve(toyzoo.declared(tmp_path), toyzoo.HERE)


def test_a_source_package_is_built_with_locked_tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Needs a registry: for setuptools and wheel."""
    monkeypatch.delenv("PIP_NO_INDEX")
    path = toypackage.source(tmp_path / "wheels", "leafsource", "1")
    zoo = toyzoo.declared(tmp_path, '"leafsource"', more='from-source = ["leafsource"]', prove="import leafsource")
    environment, _ = toyzoo.built(zoo)
    assert f"leafsource==1 --hash=sha256:{toypackage.sha256(path)}" in environment.lock
    assert re.search(r"(?m)^setuptools==\S+ --hash=sha256:[0-9a-f]{64}$", environment.lock)


def test_the_committed_lock_is_used_and_a_stale_one_is_not(tmp_path: Path) -> None:
    toypackage.wheel(tmp_path / "wheels", "leaf", "1.0")
    zoo = toyzoo.declared(tmp_path)
    committed = lock.LOCKS / "toy.txt"
    committed.write_text(lock.resolve(zoo, toyzoo.HERE))
    toypackage.wheel(tmp_path / "wheels", "leaf", "2.0")
    environment, _ = toyzoo.built(zoo)
    assert environment.lock == committed.read_text()
    assert environment.notes == ()
    committed.write_text(committed.read_text().replace("# requirement: leaf", "# requirement: leaf<2"))
    environment, said = toyzoo.built(zoo)
    assert "leaf==2.0" in environment.lock
    assert "resolved on this machine" in environment.notes[0]
    assert lock.users(zoo).read_text() == environment.lock
    assert any(str(lock.users(zoo)) in words for words in said)


def test_a_lock_of_the_users_own_comes_first(tmp_path: Path) -> None:
    toypackage.wheel(tmp_path / "wheels", "leaf", "1.0")
    zoo = toyzoo.declared(tmp_path)
    (lock.LOCKS / "toy.txt").write_text(lock.resolve(zoo, toyzoo.HERE).replace("leaf==1.0", "leaf==9"))
    assert isolate.main(["lock", "toy"]) == 2  # a toy is no zoo of the package
    lock.save(lock.resolve(zoo, toyzoo.HERE), lock.users(zoo))
    assert toyzoo.built(zoo)[0].notes == ("built from the user's own lock",)


def test_another_version_is_gathered(tmp_path: Path) -> None:
    for version in ("1.0", "2.0"):
        toypackage.wheel(tmp_path / "wheels", "leaf", version)
    zoo = toyzoo.declared(tmp_path, '"leaf==2.0"', version='version-of = "leaf"')
    for version in (None, "1.0"):
        gather.gather(zoo.file, version, progress=lambda _: None)
    assert [entry.version for entry in entries.snapshots()] == ["1.0", "2.0"]
    assert store.load("toy", "1.0").provenance.packages["leaf"] == "1.0"
    assert {path.name for path in (places.home() / "locks").iterdir()} == {"toy.txt", "toy==1.0.txt"}


@pytest.mark.parametrize("path", sorted(lock.LOCKS.glob("*.txt")), ids=lambda p: p.stem)
def test_committed_locks_are_sound(path: Path) -> None:
    """No place of this or that machine, only versions and sums; and they are what the zoo's header asks for."""
    identity, _, version = path.stem.partition("==")
    lines = path.read_text().splitlines()
    assert all(line.startswith("# ") or re.fullmatch(r"\S+==\S+( --hash=sha256:[0-9a-f]{64})+", line) for line in lines)
    assert "/" not in "".join(lines)
    if identity in unit.ids("zoos"):
        zoo = declare.zoo(identity, version or None)
        assert lock._fits(path.read_text(), zoo.needs, lock._target(path.read_text()) or "")
