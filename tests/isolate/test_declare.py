"""Headers say what a zoo needs; interpreters are found or asked for in words."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from zoodiff import unit
from zoodiff.fault import Refusal
from zoodiff.isolate import declare

HEADER = """\
# /// script
# requires-python = ">=3.11,<3.14"
# dependencies = ["keras==3.15.1", "Tf_Slim>=1; python_version >= '3'"]
# [tool.zoodiff]
# version-of = "keras"              # a comment
# without-dependencies = ["tf.slim"]
#
# from-source = []
# disk-mb = 3000
# ///
"""


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "zoo.py"
    path.write_text(text)
    return path


def test_a_header_is_read(tmp_path: Path) -> None:
    needs = declare.needs(write(tmp_path, HEADER + '"""A zoo."""\n'))
    assert needs == declare.Needs(
        python="<3.14,>=3.11",
        requirements=("keras==3.15.1", 'Tf_Slim>=1; python_version >= "3"'),
        version_of="keras",
        without_dependencies=frozenset({"tf-slim"}),
        disk_mb=3000,
    )
    assert needs.at("3.0").requirements == ("keras==3.0", 'Tf_Slim>=1; python_version >= "3"')


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("# /// script", "# script", "0 blocks"),
        ("# ///\n", "# ///\n\n" + HEADER, "2 blocks"),
        ('"keras==3.15.1"', '"keras=3"', "keras=3"),
        ('"keras==3.15.1"', "3", "no list of texts"),
        (">=3.11,<3.14", "three", "three"),
        ('version-of = "keras"', 'version-of = "torch"', "torch is not among"),
        ('version-of = "keras"', "x = 1", "knows no x"),
        ('version-of = "keras"', "x-y = 1", "knows no x-y"),
        ('version-of = "keras" ', 'version = "1"\n# version-of = "keras"', "either"),
        ('["tf.slim"]', '["slim"]', "slim is not among"),
    ],
)
def test_a_wrong_header_is_refused(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in HEADER
    with pytest.raises(Refusal, match=words) as refusal:
        declare.needs(write(tmp_path, HEADER.replace(old, new)))
    assert "zoo.py" in refusal.value.message


def test_a_zoo_that_is_no_package_has_one_version(tmp_path: Path) -> None:
    needs = declare.needs(write(tmp_path, HEADER.replace('version-of = "keras"', 'version = "2025-07"')))
    with pytest.raises(Refusal, match="at version '2025-07' only"):
        needs.at("2024-01")


def test_every_zoo_has_a_valid_header() -> None:
    folder = Path(unit.__file__).parent / "zoos"
    for name, module in unit.ids("zoos").items():
        assert declare.needs(folder / f"{module.rpartition('.')[2]}.py").requirements is not None, name


def test_the_running_interpreter_comes_first() -> None:
    here = ".".join(map(str, sys.version_info[:3]))
    found = declare.interpreter(f"=={here}")
    assert found.version == here
    assert found.target.startswith(f"CPython {sys.version_info[0]}.{sys.version_info[1]} on ")
    assert next(declare.interpreters()) == declare.probe(Path(sys.executable))


def fake(folder: Path, name: str, version: str, complete: bool = True) -> Path:
    """An interpreter that answers the probe and nothing else."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    minor = ".".join(version.split(".")[:2])
    answer = json.dumps([str(path), version, f"CPython {minor} on Linux x86_64", "pip.whl" if complete else None])
    path.write_text(f"#!/bin/sh\necho '{answer}'\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def pythons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with Pythons of its own: PATH, pyenv, one that does not run, one without venv."""
    path = tmp_path / "bin"
    fake(path, "python3.7", "3.7.9")
    fake(path, "python3.9", "3.9.1", complete=False)
    fake(path, "python3.9-config", "3.9.1")
    (path / "python3.10").write_text("#!/bin/sh\necho 'pyenv: python3.10: command not found' >&2\nexit 127\n")
    (path / "python3.10").chmod(0o755)
    fake(tmp_path / "pyenv" / "versions" / "3.8.5" / "bin", "python3.8", "3.8.5")
    monkeypatch.setenv("PATH", os.pathsep.join([str(path), str(tmp_path / "none"), "/bin"]))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    return tmp_path


def test_interpreters_are_found_on_path_and_of_pyenv(pythons: Path) -> None:
    assert declare.interpreter("<3.9").version == "3.8.5"
    assert declare.interpreter("<3.9", "CPython 3.7 on Linux x86_64").version == "3.7.9"
    assert declare.interpreter("<3.9", "CPython 3.6 on Linux x86_64").version == "3.8.5"


def test_a_missing_interpreter_says_what_is_needed_found_and_how_to_get_it(pythons: Path) -> None:
    with pytest.raises(Refusal, match=r"needs Python <3\.11,>=3\.9, which is not") as refusal:
        declare.interpreter("<3.11,>=3.9")
    hint = refusal.value.hint
    assert f"3.9.1 ({pythons}/bin/python3.9, without venv or ensurepip)" in hint
    assert "3.8.5" in hint
    assert "3.10" not in hint.partition("Install")[0]
    assert "uv python install" in hint
