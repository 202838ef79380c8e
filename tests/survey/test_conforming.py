"""The index of how graphs stand to their papers: it is what a rebuild gives, and what it lacks is computed."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from madeup import copied, tiny, write_snapshot
from zoodiff.reading import entries, store
from zoodiff.reading.reference import find, published
from zoodiff.record import Model, Weights
from zoodiff.survey import conforming
from zoodiff.survey.conform import has_paper
from zoodiff.survey.conforming import INDEX, held, hold

SAMPLE = ["torchvision:resnet50", "keras:ResNet50", "gluon:squeezenet1.1", "tfmg:inception_v1", "onnx:inception-v1-9"]


@pytest.mark.parametrize("ref", SAMPLE)
def test_the_index_is_what_a_rebuild_gives(ref: str) -> None:
    """If this fails: python -m zoodiff.survey.conforming."""
    assert held(find(ref)) == hold(find(ref))


def test_every_graph_that_has_a_paper_is_there_and_no_other() -> None:
    index = msgspec.json.decode(INDEX.read_bytes())
    expected = set()
    for entry in entries.snapshots(entries.BUNDLED):
        records = store.load(entry.zoo, entry.version)
        networks = [published(records, model, weights) for model in records for weights in model.weights]
        expected |= {conforming._same(one) for one in networks if one.weights and one.weights.graph and has_paper(one)}
    assert set(index["graphs"]) == expected


def test_a_copy_of_a_bundled_graph_is_not_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conforming, "hold", None)
    told = held(find("torchvision:resnet50"))
    assert told is not None
    with copied(tmp_path, "torchvision:resnet50") as network:
        assert held(network) == msgspec.structs.replace(told, ref="mine:resnet50/w")


def test_no_paper_or_no_graph_is_none() -> None:
    assert held(find("torchvision:vit_b_16")) is None
    assert held(find("onnx:bvlcalexnet-12")) is None, "a stand-in's graph is not its own"


@pytest.mark.usefixtures("zoos")
def test_a_snapshot_of_ones_own_is_computed() -> None:
    write_snapshot("mine", "1.0", (Model("vgg16", (Weights("w", graph="v.onnx"),)),), {"v.onnx": tiny(8)})
    found = held(find("mine:vgg16"))
    assert found is not None
    assert (found.ref, found.network, found.verdict) == ("mine:vgg16/w", "paper:vgg16", "deviates")


@pytest.mark.usefixtures("zoos")
def test_what_was_computed_is_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZOODIFF_CACHE", str(tmp_path / "cache"))  # another checkout that runs would tidy it up
    write_snapshot("mine", "1.0", (Model("vgg16", (Weights("w", graph="v.onnx"),)),), {"v.onnx": tiny(8)})
    write_snapshot("theirs", "1.0", (Model("VGG-16", (Weights("w", graph="v.onnx"),)),), {"v.onnx": tiny(8)})
    found = held(find("mine:vgg16"))
    assert found is not None
    conforming.remember()
    conforming._computed.cache_clear()  # as in another process
    monkeypatch.setattr(conforming, "hold", None)
    assert held(find("mine:vgg16")) == found
    assert held(find("theirs:VGG-16")) == msgspec.structs.replace(found, ref="theirs:VGG-16/w")
