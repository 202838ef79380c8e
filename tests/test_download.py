"""Weights that a zoo's own code downloads: kept once they are whole; one message where they cannot be had."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

import toyzoo
from madeup import Ran, own_home, write_snapshot
from zoodiff import declare, store, unit
from zoodiff.download import download
from zoodiff.fault import Refusal
from zoodiff.record import Model, Weights
from zoodiff.reference import Network, find

URL = "https://zoo.example/a-0123.h5"


def toy(folder: Path, monkeypatch: pytest.MonkeyPatch, fetch: str) -> Network:
    """A model of a zoo whose file says how to fetch its weights."""
    path = toyzoo.write(folder, ["a"])
    path.write_text(f"{path.read_text()}\n\ndef fetch(name, weights, folder):\n    {fetch}\n")
    zoo = declare.zoo(path)
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
    assert found.is_relative_to(store.caches() / "weights" / "toy")
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
    assert not list((store.caches() / "weights").rglob("*.h5"))


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
    assert not list((store.caches() / "weights").rglob("*.h5"))


def test_a_zoo_without_a_way_is_said(tmp_path: Path, cli: Callable[..., Ran]) -> None:
    with own_home(tmp_path):
        write_snapshot("studio", "1.0", (Model("painter", (Weights("w1", default=True, url=URL),)),), {})
        ran = cli("verify", "studio:painter", "--download", "--data", tmp_path)
        assert ran.code == 2
        assert "knows no way to download weights of studio" in ran.err
        assert URL in " ".join(ran.err.split())
        with pytest.raises(Refusal, match="in no snapshot"):
            download(find(tmp_path / "a.onnx"), lambda _: None)


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
