"""`gather` asks for the release and the models that were named, and tells what came."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from madeup import Ran, published
from zoodiff.gathering import gather
from zoodiff.reading import store
from zoodiff.record import Model, Provenance, Snapshot, Unmeasured

Cli = Callable[..., Ran]


LOST = Model("lost", graph_missing=Unmeasured("it cannot be built"))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What was asked for; the answer is a snapshot of one model with a graph and one without."""
    found: list[tuple[Any, ...]] = []

    def made(zoo: str, version: str | None, *, only: Any, root: Any, progress: Any) -> Snapshot:
        found.append((zoo, version, only, root))
        models = tuple(model for model in (published("kept", "k.onnx"), LOST) if not only or model.name in only)
        provenance = Provenance("2026-01-02", "3.11.7", "Linux", {}, "f" * 64, "0.1.0")
        return Snapshot(store.FORMAT, zoo, version or "1.0", "2026-01-02", models, provenance)

    monkeypatch.setattr(gather, "gather", made)
    return found


def test_a_release_models_and_a_folder_can_be_named(cli: Cli, asked: list[tuple[Any, ...]], tmp_path: Path) -> None:
    assert cli("gather", "torchvision", "--quiet").code == 0
    assert cli("gather", "torchvision==0.28.0", "--only", "a", "--only", "b", "--out", tmp_path).code == 0
    assert asked == [("torchvision", None, None, None), ("torchvision", "0.28.0", ("a", "b"), tmp_path)]


def test_what_came_is_told(cli: Cli, asked: list[tuple[Any, ...]]) -> None:
    document = json.loads(cli("gather", "torchvision==0.28.0", "--json").out)
    assert (document["kind"], document["zoo"], document["version"]) == ("gathered", "torchvision", "0.28.0")
    assert [(model["name"], model["missing"]) for model in document["models"]] == [
        ("kept", None),
        ("lost", "it cannot be built"),
    ]
    assert "no graph of lost: it cannot be built" in cli("gather", "torchvision").out


def test_under_strict_a_model_without_a_graph_is_1(cli: Cli, asked: list[tuple[Any, ...]]) -> None:
    assert cli("gather", "torchvision", "--strict").code == 1
    assert cli("gather", "torchvision", "--strict", "--only", "kept").code == 0


def test_a_zoo_that_there_is_not(cli: Cli) -> None:
    ran = cli("gather", "torchvisoin", "--quiet")
    assert (ran.code, ran.out) == (2, "")
    assert "'torchvisoin'" in ran.err
