"""The index: it is what the bundled snapshots give, and what it lacks is computed."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from madeup import copied, tiny, write_snapshot
from zoodiff.measuring.memory import content
from zoodiff.reading import entries, reference
from zoodiff.reading.names import canonical
from zoodiff.reading.paper import blueprints, papers
from zoodiff.reading.reference import Network, find
from zoodiff.recognition import known as indexed
from zoodiff.recognition.known import INDEX, Known, _know, _paper_digest, compute_paper, known, on_paper
from zoodiff.recognition.sketch import Sketch
from zoodiff.record import Model, Weights

SAMPLE = ["torchvision:resnet50", "keras:EfficientNetB0", "gluon:squeezenet1.1", "tfmg:inception_v1", "onnx:zfnet512-9"]


@pytest.mark.parametrize("ref", SAMPLE)
def test_the_index_is_what_a_rebuild_gives(ref: str) -> None:
    """In another process than the one that wrote it; if this fails: python -m zoodiff.recognition.known."""
    network = find(ref)
    made = _know(network, content(network) or "")
    (kept,) = (one for one in known() if one.graph == made.graph)
    assert kept.architecture == canonical(network.zoo or "", network.name).architecture
    assert msgspec.structs.replace(kept, ref="", architecture="") == msgspec.structs.replace(made, ref="")


def test_the_index_is_of_the_bundled_snapshots() -> None:
    stated = msgspec.json.decode(INDEX.read_bytes())["snapshots"]
    assert set(stated) == {f"{entry.zoo}/{entry.version}" for entry in entries.snapshots(entries.BUNDLED)}
    assert {one.zoo for one in known()} == set(reference.zoos())


def test_the_index_is_of_the_papers() -> None:
    """If this fails: python -m zoodiff.recognition.known."""
    stated = msgspec.json.decode(INDEX.read_bytes())["papers"]
    assert stated == {paper: _paper_digest(paper) for paper in papers()}
    origins = {(told.name, name) for _, told in blueprints().values() for name in told.architectures}
    assert {(one.ref.removeprefix("paper:"), one.architecture) for one in on_paper()} == origins
    assert {one.zoo for one in on_paper()} == {"paper"}
    assert all(one in on_paper() for one in compute_paper("squeezenet-2016"))


def test_every_graph_of_its_own_is_there() -> None:
    """By architecture and zoo; stand-ins are no graphs of their own."""
    own = {
        (zoo, canonical(zoo, model.name).architecture)
        for zoo in reference.zoos()
        for model in reference.snapshot(zoo)
        if any(weights.graph for weights in model.weights)
    }
    assert {(one.zoo, one.architecture) for one in known()} == own


@pytest.mark.usefixtures("zoos")
def test_a_snapshot_of_ones_own_is_computed() -> None:
    write_snapshot("mine", "1.0", (Model("vgg16", (Weights("w", graph="v.onnx"),)),), {"v.onnx": tiny(8)})
    (mine,) = (one for one in known() if one.zoo == "mine")
    assert (mine.ref, mine.architecture, mine.params) == ("mine:vgg16/w", "vgg16", 37 * 8 + 10)


@pytest.mark.usefixtures("zoos")
def test_what_was_computed_is_remembered_and_a_graph_is_computed_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ZOODIFF_CACHE", str(tmp_path))
    for zoo in ("mine", "theirs"):
        write_snapshot(zoo, "1.0", (Model("vgg16", (Weights("w", graph="v.onnx"),)),), {"v.onnx": tiny(9)})
    computed = list[str]()

    def counted(network: Network, same: str) -> Known:
        computed.extend(ref for ref in [network.ref] if ref.startswith(("mine", "theirs")))
        return _know(network, same)

    monkeypatch.setattr(indexed, "_know", counted)
    found = [one for one in known() if one.zoo in ("mine", "theirs")]
    assert [one.ref for one in found] == ["mine:vgg16/w", "theirs:vgg16/w"]
    assert computed == ["mine:vgg16/w"]
    for kept in (indexed._of, indexed._computed):
        kept.cache_clear()  # as in another process
    assert [one for one in known() if one.zoo in ("mine", "theirs")] == found
    assert computed == ["mine:vgg16/w"]


@pytest.mark.usefixtures("zoos")
def test_many_graphs_are_computed_side_by_side_as_one_by_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    graphs = {f"{width}.onnx": tiny(width) for width in range(20, 30)}
    models = tuple(Model(f"net{at}", (Weights("w", graph=file),)) for at, file in enumerate(graphs))
    write_snapshot("mine", "1.0", models, {**graphs, "20.onnx": tiny(20)[:-40]})
    used = list[int]()

    @contextmanager
    def threads(_: None, networks: int) -> Iterator[ThreadPoolExecutor]:
        used.append(networks)
        with ThreadPoolExecutor(2) as executor:
            yield executor

    found = []
    for cache in ("one", "two"):
        monkeypatch.setenv("ZOODIFF_CACHE", str(tmp_path / cache))
        indexed._of.cache_clear()
        found.append([one for one in known() if one.zoo == "mine"])
        monkeypatch.setattr(indexed, "workers", threads)
    assert len(graphs) in used
    assert [one.ref for one in found[0]] == [f"mine:net{at}/w" for at in range(1, 10)], "one cannot be read"
    assert found[0] == found[1]


def test_a_copy_of_a_bundled_graph_is_not_computed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexed, "_know", None)
    with copied(tmp_path, "torchvision:alexnet") as network:
        (mine,) = (one for one in known() if one.zoo == "mine")
        (theirs,) = (one for one in known() if one.graph == content(network) and one.zoo == "torchvision")
    assert mine == msgspec.structs.replace(theirs, ref="mine:alexnet/w", zoo="mine")


def test_equal_structures_have_equal_sketches() -> None:
    """So that `identify` need look at each structure once."""
    sketches: dict[str, list[Sketch]] = {}
    for one in (*known(), *on_paper()):
        sketches.setdefault(one.sketch.exact, []).append(one.sketch)
    assert all(one == same[0] for same in sketches.values() for one in same)
    assert len(sketches) < len(known())
