"""Gather again from the zoos' own releases: the bundled snapshots are what the committed locks give.

Of each zoo whose files changed since the commit in $BASE (or the parent of HEAD): six models, chosen by HEAD's hash.
And two models of each other release that a lock is committed for. All models of all zoos: `make gather-all`.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from madeup import ROOT
from zoodiff import measure, unit
from zoodiff.gathering import conversion, gather
from zoodiff.gathering.recheck import recheck, sample
from zoodiff.isolate import declare, lock
from zoodiff.reading import entries, reference
from zoodiff.record import Conversion

PACKAGE = "src/zoodiff"
NO_HUB = "http://127.0.0.1:9"
"""Nobody listens there. The snapshots were made where no hub could be reached; where one can, more graphs are had."""


def git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def helpers(name: str) -> set[str]:
    """The shared files that a zoo's file uses, directly or through others."""
    folder = ROOT / PACKAGE / "zoos"
    found: set[str] = set()
    waiting = [name]
    while waiting:
        text = (folder / f"{waiting.pop()}.py").read_text()
        new = {word for word in re.findall(r"\b_\w+\b", text) if (folder / f"{word}.py").is_file()} - found
        found |= new
        waiting += new
    return found


def changed() -> list[str]:
    """The zoos whose files changed: their own, those that they share, the lock, the snapshot."""
    zoos = list(unit.ids("zoos"))
    base = os.environ.get("BASE") or "HEAD^"
    try:
        files = git("diff", "--name-only", base, "HEAD").splitlines()
    except (OSError, subprocess.CalledProcessError):  # no git, or no parent to compare with
        return zoos
    touched = []
    for zoo in zoos:
        name = zoo.replace("-", "_")
        own = {f"{PACKAGE}/zoos/{file}.py" for file in {name, *helpers(name)}}
        folders = (f"{PACKAGE}/snapshot/{zoo}/", f"{PACKAGE}/locks/{zoo}.")
        if any(file in own or file.startswith(folders) for file in files):
            touched.append(zoo)
    return touched


@pytest.mark.live
@pytest.mark.parametrize("zoo", changed())
def test_gathering_again_gives_the_same(zoo: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", NO_HUB)
    if zoo not in reference.zoos():
        pytest.skip(f"there is no snapshot of {zoo} yet")
    names = [model.name for model in reference.snapshot(zoo)]
    assert recheck(zoo, only=sample(names, git("rev-parse", "HEAD"))) == []


@pytest.mark.live
@pytest.mark.parametrize("zoo", [zoo for zoo in changed() if zoo != "onnx"])  # it publishes ONNX files
def test_graphs_compute_what_the_frameworks_do(zoo: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", NO_HUB)
    names = [model.name for model in reference.snapshot(zoo) if model.graph_missing is None]
    found = dict(conversion.check(zoo, sample(names, git("rev-parse", "HEAD"))))
    results = [one for one in found.values() if isinstance(one, Conversion)]
    assert results, found
    assert all(one.holds for one in results), found


def releases() -> list[str]:
    """The other releases than the bundled ones that a lock is committed for, of the zoos whose files changed."""
    found = sorted(path.stem for path in lock.LOCKS.glob("*==*.txt"))
    return [release for release in found if release.partition("==")[0] in changed()]


@pytest.mark.live
@pytest.mark.parametrize("release", releases())
def test_another_release_is_gathered_beside_the_bundled_one(
    release: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The releases differ in nothing that is counted, so what the older one gives can be held against the bundled."""
    zoo, _, version = release.partition("==")
    bundled = reference.snapshot(zoo)
    names = sample([m.name for m in bundled if m.graph_missing is None], git("rev-parse", "HEAD"), count=2)
    monkeypatch.setenv("ZOODIFF_HOME", str(tmp_path))
    found = gather.gather(zoo, version, names, entries.roots()[0])
    assert found.version == version != bundled.version
    assert found.provenance.packages[declare.zoo(zoo).needs.version_of or ""].partition("+")[0] == version
    assert found.provenance.notes == ()  # built from the committed lock
    assert [entry.version for entry in entries.snapshots() if entry.zoo == zoo] == [version, bundled.version]
    for name in names:
        other, one = measure(f"{zoo}:{name}@{version}"), measure(f"{zoo}:{name}@{bundled.version}")
        assert (other.version, one.version) == (version, bundled.version)
        assert (other.counts.macs, other.counts.params) == (one.counts.macs, one.counts.params)
        assert other.counts.complete
        assert other.fingerprint == one.fingerprint
