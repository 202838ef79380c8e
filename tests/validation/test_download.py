"""Weights that a zoo's own code downloads: kept once they are whole; one message where they cannot be had."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest

import toyzoo
from madeup import Ran, own_home, write_snapshot
from zoodiff import places, unit
from zoodiff.fault import Refusal
from zoodiff.isolate import declare, isolate
from zoodiff.reading.reference import Network, find
from zoodiff.record import Model, Weights
from zoodiff.validation import download as module
from zoodiff.validation.download import download

DECLARED = declare.zoo
URL = "https://zoo.example/a-0123.h5"


def toy(folder: Path, monkeypatch: pytest.MonkeyPatch, fetch: str) -> Network:
    """A model of a zoo whose file says how to fetch its weights."""
    path = toyzoo.write(folder, ["a"])
    path.write_text(f"{path.read_text()}\n\ndef fetch(name, weights, folder):\n    {fetch}\n")
    zoo = DECLARED(path)
    monkeypatch.setattr(declare, "zoo", lambda _: zoo)
    monkeypatch.setattr(unit, "ids", lambda _: {"toy": "toy"})
    monkeypatch.setattr(unit, "find", lambda *_: SimpleNamespace(fetch=None))
    weights = Weights("w/1", url=URL)
    return Network("toy:a/w/1", "a", "toy", record=Model("a", (weights,)), weights=weights)


def test_what_was_downloaded_is_kept(tmp_path: Path, registry: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    working = "path = folder / 'a.h5'; path.write_bytes((name + weights).encode()); return path"
    said: list[str] = []
    found = download(toy(tmp_path / "zoo", monkeypatch, working), said.append)
    assert found.read_bytes() == b"aw/1"
    assert found.is_relative_to(places.caches() / "weights" / "toy")
    assert said[-1] == "downloading the weights of toy:a/w/1"
    assert download(toy(tmp_path / "other", monkeypatch, "raise OSError"), said.append) == found
    assert len(said) == said.index("downloading the weights of toy:a/w/1") + 1, "nothing was done again"


@pytest.mark.parametrize(
    ("fetch", "words"),
    [
        ("raise OSError('Name or service not known')", "OSError: Name or service not known"),
        ("import os; os._exit(3)", "it ended with exit code 3"),
    ],
)
def test_one_message_where_it_cannot_be_had(
    tmp_path: Path, registry: Path, monkeypatch: pytest.MonkeyPatch, fetch: str, words: str
) -> None:
    with pytest.raises(Refusal) as refused:
        download(toy(tmp_path / "zoo", monkeypatch, fetch), lambda _: None)
    assert refused.value.message == f"the weights of toy:a/w/1 cannot be downloaded: {words}"
    assert URL in refused.value.hint
    assert "--weights-file" in refused.value.hint
    assert not list((places.caches() / "weights").rglob("*.h5"))


@pytest.mark.parametrize("link", [False, True])
def test_a_file_from_elsewhere_is_not_taken(
    tmp_path: Path, registry: Path, monkeypatch: pytest.MonkeyPatch, link: bool
) -> None:
    """What the zoo's code names as its download is put among the caches: it must not be a file of the user's."""
    secret = tmp_path / "secret.h5"
    secret.write_text("mine")
    fetch = (
        f"path = folder / 'a.h5'; path.symlink_to({str(secret)!r}); return path" if link else f"return {str(secret)!r}"
    )
    with pytest.raises(Refusal, match="is no file of the download"):
        download(toy(tmp_path / "zoo", monkeypatch, fetch), lambda _: None)
    assert secret.read_text() == "mine"
    assert not list((places.caches() / "weights").rglob("*.h5"))


def test_a_zoo_without_a_way_is_said(tmp_path: Path, cli: Callable[..., Ran]) -> None:
    with own_home(tmp_path):
        write_snapshot("studio", "1.0", (Model("painter", (Weights("w1", default=True, url=URL),)),), {})
        ran = cli("verify", "studio:painter", "--download", "--data", tmp_path)
        assert ran.code == 2
        assert "knows no way to download weights of studio" in ran.err
        assert URL in " ".join(ran.err.split())
        with pytest.raises(Refusal, match="in no snapshot"):
            download(find(tmp_path / "a.onnx"), lambda _: None)


class Answer(BaseHTTPRequestHandler):
    """A server that goes wrong in the way that the path asks for."""

    def do_GET(self) -> None:
        kind = self.path.split("/")[1]
        if kind == "503":
            self.send_error(503)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(GOOD)))
        self.end_headers()
        if kind == "slow":
            while True:
                self.wfile.write(b"x")
                time.sleep(0.05)
        self.wfile.write({"good": GOOD, "short": GOOD[:-100], "wrong": GOOD[::-1]}[kind])

    def log_message(self, *_: Any) -> None:
        pass


GOOD = bytes(range(256)) * 40
DIGEST = hashlib.sha256(GOOD).hexdigest()


@pytest.fixture
def server() -> Iterator[str]:
    """The address of a server on loopback."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as running:
        running.daemon_threads = True
        thread = Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


def kept() -> list[Path]:
    """The files that are kept of all downloads, and what was left among the caches."""
    return [path for path in places.caches().rglob("*") if path.is_file() and "environments" not in path.parts]


@pytest.mark.parametrize(
    ("kind", "words"),
    [("slow", "it took too long"), ("short", "IncompleteRead|ContentTooShort"), ("503", "HTTP Error 503")],
)
def test_a_server_that_goes_wrong_leaves_nothing_and_the_next_time_goes_on(
    tmp_path: Path, registry: Path, monkeypatch: pytest.MonkeyPatch, server: str, kind: str, words: str
) -> None:
    def fetch(kind: str) -> Network:
        url = f"{server}/{kind}/a.h5"
        code = f"import urllib.request as r; path = folder / 'a.h5'; r.urlretrieve({url!r}, path); return path"
        return toy(tmp_path / kind, monkeypatch, code)

    download(fetch("good"), lambda _: None).unlink()  # its environment is ready
    monkeypatch.setattr(module, "SECONDS", 3.0)
    with pytest.raises(Refusal, match=words):
        download(fetch(kind), lambda _: None)
    assert [path.name for path in kept() if path.name.startswith("a.h5")] == []
    assert download(fetch("good"), lambda _: None).read_bytes() == GOOD


OVERRIDES = {
    "torchvision": """
from types import SimpleNamespace
def _models():
    return SimpleNamespace(get_model_weights=lambda name: {{"w": SimpleNamespace(url={url!r})}})
""",
    "keras": """
def _published(name, weights):
    return None, Published("a-{digest:.8}.h5", {url!r}, {digest!r})
""",
}


@pytest.mark.live
@pytest.mark.parametrize("zoo", OVERRIDES)
def test_what_a_zoo_downloads_is_held_against_its_hash(
    zoo: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: str
) -> None:
    """The zoo's own code downloads, in its own environment, from a server of ours."""
    real, at = isolate.stage, {"kind": ""}
    name = f"a-{DIGEST:.8}.h5"

    def stage(chosen: declare.Zoo, folder: Path) -> Path:
        file = real(chosen, folder)
        url = f"{server}/{at['kind']}/{name}"
        file.write_text(file.read_text() + OVERRIDES[zoo].format(url=url, digest=DIGEST))
        return file

    monkeypatch.setattr(isolate, "stage", stage)
    weights = Weights("w", url=URL)
    network = Network(f"{zoo}:a/w", "a", zoo, record=Model("a", (weights,)), weights=weights)
    folder = places.caches() / "weights" / zoo / "a"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        for kind, words in (("wrong", "hash"), ("503", "503"), ("short", "")):
            at["kind"] = kind
            with pytest.raises(Refusal, match=f"cannot be downloaded: .*{words}"):
                download(network, lambda _: None)
            assert not [path for path in folder.rglob("*") if path.is_file()]
        at["kind"] = "good"
        assert download(network, lambda _: None).read_bytes() == GOOD
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.live
def test_without_a_network_keras_and_torchvision_end_in_one_message(
    tmp_path: Path, cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nobody listens there
    for model in ("keras:MobileNetV2", "torchvision:squeezenet1_1"):
        ran = cli("verify", model, "--download", "--data", tmp_path)
        assert ran.code == 2
        assert "cannot be downloaded: " in ran.err
        assert "Traceback" not in ran.err
        assert ran.err.count("error: ") == 1
