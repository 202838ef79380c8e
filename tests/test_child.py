"""Children see none of our secrets, and their output never fills a pipe."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from zoodiff import child

SECRETS = {
    "HF_TOKEN": "a:secret@b",
    "AWS_SECRET_ACCESS_KEY": "a:secret@b",
    "PIP_INDEX_URL": "https://user:secret@example.invalid/simple",
    "https_proxy": "http://user:secret@example.invalid:3128",
    "HF_ENDPOINT": "https://user:secret@example.invalid",
}


def test_a_guest_sees_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    seen = child.guest_environment(tmp_path)
    assert ":secret@" not in " ".join(seen.values())
    assert seen["HOME"] == str(tmp_path)
    assert seen["PATH"] == os.environ["PATH"]
    assert not {"HF_ENDPOINT", "HF_TOKEN"} & seen.keys()


def test_a_guest_knows_the_hubs_mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"HF_ENDPOINT": "https://mirror.invalid", "HF_HOME": str(tmp_path), "HF_TOKEN": "x"}.items():
        monkeypatch.setenv(name, value)
    seen = child.guest_environment(tmp_path)
    assert {name: value for name, value in seen.items() if name.startswith("HF_")} == {
        "HF_ENDPOINT": "https://mirror.invalid"
    }


def test_the_installer_sees_its_registry_and_no_tokens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    seen = child.installer_environment(tmp_path)
    assert seen["PIP_INDEX_URL"] == SECRETS["PIP_INDEX_URL"]
    assert not {"HF_TOKEN", "AWS_SECRET_ACCESS_KEY"} & seen.keys()


def test_a_flood_goes_to_the_log_and_the_code_comes_back(tmp_path: Path) -> None:
    log = tmp_path / "log"
    flood = "import sys; sys.stderr.write('x' * 600_000 + '\\nlast line\\n'); sys.exit(5)"
    code = child.run([sys.executable, "-c", flood], dict(os.environ), tmp_path, log, 60.0)
    assert code == 5
    assert log.stat().st_size > 600_000
    assert child.tail(log).endswith("last line")
