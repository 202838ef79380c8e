"""What was gathered is told in numbers, and every model without a graph by its name and the reason."""

from __future__ import annotations

import pytest

from madeup import published
from zoodiff.reading import store
from zoodiff.record import Model, Provenance, Snapshot, Unmeasured, Weights
from zoodiff.showing.gathered import show_snapshot


def test_graphs_are_counted_and_what_has_none_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    twice = published("kept", weights=(Weights("w1", "k.onnx", default=True), Weights("w2", "k.onnx"), Weights("w3")))
    lost = Model("lost", graph_missing=Unmeasured("it cannot be built"))
    provenance = Provenance("2026-01-02", "3.11.7", "Linux", {"torch": "2.8"}, "f" * 64, "0.1.0")
    show_snapshot(Snapshot(store.FORMAT, "zoo", "1.0", "2026-01-02", (twice, lost), provenance))
    assert capsys.readouterr().out.splitlines() == [
        "zoo 1.0 as of 2026-01-02: 2 models",
        "  2 sets of weights with a graph; 1 packages in the environment",
        "  no graph of lost: it cannot be built",
    ]
