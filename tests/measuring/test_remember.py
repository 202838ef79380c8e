"""A graph is measured once, whatever models have it, and what cannot be measured leaves the others as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from madeup import own_home, published, tiny, write_snapshot
from zoodiff.measuring import batch
from zoodiff.measuring.measurement import Measurement, measure
from zoodiff.reading.reference import Inputs, Network
from zoodiff.record import Unmeasured
from zoodiff.survey.compare import audit


def test_one_graph_that_cannot_be_read_leaves_the_others_as_they_are(tmp_path: Path) -> None:
    with own_home(tmp_path):
        for zoo, files in (("one", {"good": tiny()}), ("two", {"good": tiny(), "torn": tiny()[:-40]})):
            models = tuple(published(name, graph) for name, graph in zip(("vgg16", "vgg19"), files, strict=False))
            write_snapshot(zoo, "1.0", models, files)
        (torn,) = [entry for entry in audit().entries if entry.network.name == "vgg19"]
        (group,) = audit().shared
    assert isinstance(torn.measurement, Unmeasured)
    assert "not a readable ONNX file" in torn.measurement.reason
    assert [entry.letter for entry in group.entries] == ["A", "A"]


def test_a_graph_that_many_zoos_have_is_measured_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[str]()

    def counted(network: Network, inputs: Inputs | None, *, parts: bool = False) -> Measurement:
        asked.append(network.ref)
        return measure(network, inputs, parts=parts)

    monkeypatch.setenv("ZOODIFF_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(batch, "measure", counted)
    told = list[tuple[int, int]]()
    with own_home(tmp_path):
        for zoo in ("one", "two", "three"):
            files = {"good": tiny(), "torn": tiny()[:-40]}
            write_snapshot(zoo, "1.0", (published("vgg16", "good"), published("vgg19", "torn")), files)
        first = audit(progress=lambda done, of, _: told.append((done, of)))
        assert [ref.partition("/")[0] for ref in asked] == ["one:vgg16", "one:vgg19"]
        assert told == [(done, 6) for done in range(1, 7)]
        again = audit()
        assert [ref.partition("/")[0] for ref in asked[2:]] == ["one:vgg19"], "what went wrong is tried again"
    assert again.findings == first.findings
    for entry in first.entries:
        if isinstance(entry.measurement, Measurement):
            assert entry.measurement.ref == entry.network.ref
        else:
            assert entry.network.ref in entry.measurement.reason
