"""Children see none of our secrets, and their output never fills a pipe."""

from __future__ import annotations

import os
import subprocess
import sys
import time
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


def test_a_flood_without_end_does_not_fill_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "LOG_BYTES", 1_000_000)
    log, largest = tmp_path / "log", 0
    flood = (
        "import sys, time\nfor n in range(100):\n    print('x' * 100_000, flush=True); time.sleep(0.01)\nprint('end')"
    )
    running = child.Child([sys.executable, "-c", flood], dict(os.environ), tmp_path, log)
    try:
        while running.poll() is None:
            largest = max(largest, log.stat().st_size)
            time.sleep(0.005)
    finally:
        running.kill()
    assert largest < 3_000_000  # of ten
    assert child.tail(log, 1) == "end"


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


def test_a_line_reaches_its_standard_input_and_a_descriptor_comes_back(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    script = f"import os; os.write({writing}, input().upper().encode())"
    talking = child.Child([sys.executable, "-c", script], dict(os.environ), tmp_path, tmp_path / "log", (writing,))
    os.close(writing)
    try:
        talking.tell("hello")
        assert os.read(reading, 100) == b"HELLO"
    finally:
        talking.kill()
        os.close(reading)
