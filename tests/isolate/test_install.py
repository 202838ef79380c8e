"""What is installed is what the lock names, by pip or by uv."""

from __future__ import annotations

import json
import shutil
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import toypackage
import toyzoo
from zoodiff.fault import Refusal
from zoodiff.isolate import install, isolate, lock
from zoodiff.isolate.install import uv as find_uv

pytestmark = pytest.mark.usefixtures("registry")


def test_a_file_that_is_not_the_locked_one_is_refused(tmp_path: Path) -> None:
    toypackage.wheel(tmp_path / "wheels", "leaf", "1.0")
    zoo = toyzoo.declared(tmp_path)
    (lock.LOCKS / "toy.txt").write_text(lock.resolve(zoo, toyzoo.HERE))
    toypackage.wheel(tmp_path / "wheels", "leaf", "1.0", code="import os  # another's code\n")
    with pytest.raises(Refusal, match="installing the packages of toy failed") as refusal:
        toyzoo.built(zoo)
    assert "not the one that the lock names" in refusal.value.hint
    assert toyzoo.left() == set()


def test_no_network_is_one_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toypackage.wheel(tmp_path / "wheels", "leaf", "1.0")
    zoo = toyzoo.declared(tmp_path)
    (lock.LOCKS / "toy.txt").write_text(lock.resolve(zoo, toyzoo.HERE))
    shutil.rmtree(tmp_path / "wheels")
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_RETRIES", "1")
    with socket.socket() as taken:  # bound and not listening: connections are refused
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{taken.getsockname()[1]}/simple")
        with pytest.raises(Refusal, match="installing the packages of toy failed") as refusal:
            toyzoo.built(zoo)
    assert "registry cannot be reached" in refusal.value.hint
    assert toyzoo.left() == set()


class Registry(BaseHTTPRequestHandler):
    """A package registry of one wheel that answers as its server's `manner` says."""

    server: Any

    def do_GET(self) -> None:
        page = f'<a href="/{self.server.wheel.name}">{self.server.wheel.name}</a>'.encode()
        data = page if self.path.startswith("/simple") else self.server.wheel.read_bytes()
        manner = self.server.manner
        if manner == "silent":
            self.server.ended.wait(60)
            return
        if manner == "error":
            self.send_error(500)
            return
        if manner == "other" and data is not page:
            data = data[:-1] + b"?"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[: len(data) // 2] if manner == "short" and data is not page else data)

    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.parametrize(
    ("manner", "words"),
    [
        ("silent", "registry cannot be reached"),
        ("error", "or it answers with errors"),
        ("short", "not the one that the lock names"),
        ("other", "not the one that the lock names"),
    ],
)
def test_a_registry_at_fault_is_one_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, manner: str, words: str
) -> None:
    toypackage.wheel(tmp_path / "wheels", "leaf", "1.0")
    zoo = toyzoo.declared(tmp_path)
    (lock.LOCKS / "toy.txt").write_text(lock.resolve(zoo, toyzoo.HERE))
    (wheel,) = (tmp_path / "wheels").glob("leaf*")
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.setenv("PIP_RETRIES", "1")
    monkeypatch.setenv("PIP_TIMEOUT", "1")
    monkeypatch.setenv("PIP_DEFAULT_TIMEOUT", "1")
    with ThreadingHTTPServer(("127.0.0.1", 0), Registry) as server:
        server.wheel, server.manner, server.ended = wheel, manner, threading.Event()  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}/simple")
        try:
            with pytest.raises(Refusal, match="installing the packages of toy failed") as refusal:
                toyzoo.built(zoo)
        finally:
            server.ended.set()  # type: ignore[attr-defined]
            server.shutdown()
    assert words in refusal.value.hint
    assert toyzoo.left() == set()


# ---------------------------------------------------------------- uv

FAKE = """#!{python}
import json, os, sys
from pathlib import Path
asked = sys.argv[1:]
lines = Path(asked[asked.index("-r") + 1]).read_text()
Path({log!r}).write_text(json.dumps([asked, dict(os.environ), lines]))
(place,) = Path(asked[asked.index("--python") + 1]).parents[1].glob("lib/python*/site-packages")
(place / "leaf.py").write_text("version = 'of uv'")
sys.exit({code})
"""


def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> Path:
    """Put a uv in place that installs one file and ends with a code; returns what it was told."""
    path, log = tmp_path / "uv", tmp_path / "uv.json"
    path.write_text(FAKE.format(python=sys.executable, log=str(log), code=code))
    path.chmod(0o755)
    monkeypatch.setattr(install, "uv", lambda: str(path))
    return log


def test_wheels_are_uvs_where_it_is_there(registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    leaf = toypackage.wheel(registry, "leaf", "1.0")
    log = fake(tmp_path, monkeypatch, code=0)
    (tmp_path / "me" / ".pip").mkdir(parents=True)
    (tmp_path / "me" / ".pip" / "pip.conf").write_text(
        "[global]\nextra-index-url =\n  https://one.invalid\n  https://two.invalid\ncert = a\n[install]\ncert = b\n"
    )
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    monkeypatch.delenv("PIP_CERT", raising=False)
    monkeypatch.setenv("UV_PUBLISH_TOKEN", "secret")
    toyzoo.built(toyzoo.declared(tmp_path, prove="import leaf; assert leaf.version == 'of uv'"))
    asked, variables, lines = json.loads(log.read_text())
    assert asked[:3] == ["pip", "install", "--python"]
    assert {"--require-hashes", "--no-deps", "--only-binary"} <= set(asked)
    assert lines == f"leaf==1.0 --hash=sha256:{toypackage.sha256(leaf)}\n"
    assert "secret" not in variables.values()
    expected = {
        "UV_NO_INDEX": "1",
        "UV_FIND_LINKS": str(registry),
        "UV_INDEX": "https://one.invalid https://two.invalid",
        "SSL_CERT_FILE": "b",
        "UV_LINK_MODE": "copy",
    }
    assert expected.items() <= variables.items()


def test_what_uv_cannot_do_pip_does_from_the_start(
    registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toypackage.wheel(registry, "stem", "1.0")
    log = fake(tmp_path, monkeypatch, code=2)
    prove = "import stem, importlib.util; assert importlib.util.find_spec('leaf') is None"
    environment, _ = toyzoo.built(toyzoo.declared(tmp_path, '"stem"', prove=prove))
    assert log.is_file()
    assert toyzoo.left() == {environment.key}


def test_uv_is_found_beside_the_interpreter_or_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "there"))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "here" / "python"))
    assert find_uv() is None
    for folder in ("there", "here"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "uv").write_text("#!/bin/sh\n")
        (tmp_path / folder / "uv").chmod(0o755)
        assert find_uv() == str(tmp_path / folder / "uv")


@pytest.mark.skipif(find_uv() is None, reason="needs uv")
def test_uv_installs_the_locked_file_and_no_other(
    registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toypackage.wheel(registry, "leaf", "1.0")
    zoo = toyzoo.declared(tmp_path)
    (lock.LOCKS / "toy.txt").write_text(lock.resolve(zoo, toyzoo.HERE))
    monkeypatch.setattr(install, "uv", find_uv)
    environment, _ = toyzoo.built(zoo)
    (place,) = environment.folder.glob("lib/python*/site-packages/leaf-1.0.dist-info/INSTALLER")
    assert place.read_text() == "uv"
    isolate.clean()
    shutil.rmtree(tmp_path / "uv-cache")  # it has the locked file, and would use that
    toypackage.wheel(registry, "leaf", "1.0", code="import os  # another's code\n")
    with pytest.raises(Refusal, match="installing the packages of toy failed") as refusal:
        toyzoo.built(zoo)
    assert "not the one that the lock names" in refusal.value.hint
