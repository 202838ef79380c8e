"""What structure says of published models is kept for the bundled snapshots, and computed for others."""

from __future__ import annotations

import msgspec
import pytest

from madeup import tiny, write_snapshot
from zoodiff import judged
from zoodiff.identify import Identification, identify
from zoodiff.known import known
from zoodiff.record import Model, Weights
from zoodiff.reference import Network, find

SAMPLE = ["onnx:squeezenet1.0-9", "keras:ResNet50", "torchvision:googlenet"]


def test_the_index_is_of_the_bundled_snapshots() -> None:
    """If this fails: python -m zoodiff.judged."""
    assert msgspec.json.decode(judged.INDEX.read_bytes())["of"] == judged._digest()
    assert judged.INDEX.stat().st_size < 1_000_000


def test_a_verdict_is_that_of_identify() -> None:
    for ref in SAMPLE:
        told, kept = identify(ref), judged.verdicts()[ref]
        assert (kept.verdict, kept.reason) == (told.verdict, told.reason)
        assert kept.match == (told.match.architecture if told.match else None)


def test_every_network_beside_the_commonest_of_its_name_is_compared() -> None:
    structures: dict[str, set[str]] = {}
    for one in known():
        structures.setdefault(one.architecture, set()).add(one.sketch.exact)
    several = {name: len(found) - 1 for name, found in structures.items() if len(found) > 1}
    assert {name: len(found) for name, found in judged.partings().items()} == several


def test_the_study_s_headline_falls_out() -> None:
    squeezenet = judged.verdicts()["onnx:squeezenet1.0-9"]
    assert (squeezenet.verdict, squeezenet.match) == ("mislabelled", "squeezenet-1.1")
    [words] = [p.words for p in judged.partings()["resnet50-v1"] if "keras:" in p.left + p.right][:1]
    assert any("stride" in sentence for sentence in words)


@pytest.mark.usefixtures("zoos")
def test_with_a_snapshot_of_ones_own_what_is_asked_is_judged_and_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    models = (Model("vgg16", (Weights("w", graph="v.onnx"),)), Model("alexnet", (Weights("w", graph="v.onnx"),)))
    write_snapshot("mine", "1.0", models, {"v.onnx": tiny(8)})
    asked = list[str]()

    def counted(network: Network) -> Identification:
        asked.append(network.ref)
        return identify(network)

    monkeypatch.setattr(judged, "identify", counted)
    told = judged.verdicts([find("mine:vgg16")])
    assert list(told) == ["mine:vgg16"]
    assert asked == ["mine:vgg16/w"]
    parted = judged.partings(["vgg16"])
    assert parted["vgg16"]
    judged._kept.cache_clear()  # as in another process
    monkeypatch.setattr(judged, "diff", None)
    assert judged.verdicts([find("mine:vgg16")]) == told
    assert judged.partings(["vgg16"]) == parted
    assert asked == ["mine:vgg16/w"]
