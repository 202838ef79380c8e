"""Gather again from the zoos' own releases: the bundled snapshots are what the committed locks give.

Of each zoo whose files changed since the commit in $BASE (or the parent of HEAD): six models, chosen by HEAD's hash.
With ZOODIFF_LIVE=all: every model of every zoo.
"""

from __future__ import annotations

import os
import re
import subprocess

import pytest

from madeup import ROOT
from zoodiff import reference, unit
from zoodiff.recheck import recheck, sample

PACKAGE = "src/zoodiff"
WHOLE = os.environ.get("ZOODIFF_LIVE") == "all"


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
    if WHOLE:
        return zoos
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
def test_gathering_again_gives_the_same(zoo: str) -> None:
    if zoo not in reference.zoos():
        pytest.skip(f"there is no snapshot of {zoo} yet")
    names = [model.name for model in reference.snapshot(zoo)]
    assert recheck(zoo, only=None if WHOLE else sample(names, git("rev-parse", "HEAD"))) == []
