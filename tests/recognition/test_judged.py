"""What structure says of published models is kept for the bundled snapshots, and computed for others."""

from __future__ import annotations

import msgspec
import pytest

from madeup import tiny, write_snapshot
from zoodiff.reading.reference import Network, find
from zoodiff.recognition import judged
from zoodiff.recognition.identification import Recognised
from zoodiff.recognition.identify import identify, recognise
from zoodiff.recognition.known import known
from zoodiff.recognition.others import Others, against
from zoodiff.record import Model, Weights

SAMPLE = ["onnx:squeezenet1.0-9", "keras:ResNet50", "torchvision:googlenet"]


def test_the_index_is_of_the_bundled_snapshots() -> None:
    """If this fails: python -m zoodiff.recognition.judged."""
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
def test_a_graph_of_ones_own_is_judged_once_under_each_name_and_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    models = (Model("vgg16", (Weights("w", graph="v.onnx"),)), Model("alexnet", (Weights("w", graph="v.onnx"),)))
    for zoo in ("mine", "theirs"):
        write_snapshot(zoo, "1.0", models, {"v.onnx": tiny(8)})
    asked = list[str]()

    def counted(network: Network, others: Others) -> Recognised:
        asked.append(network.ref)
        return recognise(network, others)

    monkeypatch.setattr(judged, "recognise", counted)
    networks = [find(ref) for ref in ("mine:vgg16", "theirs:vgg16", "theirs:alexnet")]
    told = judged.verdicts(networks)
    assert list(told) == ["mine:vgg16", "theirs:vgg16", "theirs:alexnet"]
    assert asked == ["mine:vgg16/w", "theirs:alexnet/w"]
    assert told["theirs:vgg16"] == msgspec.structs.replace(told["mine:vgg16"], ref="theirs:vgg16/w")
    judged._kept.cache_clear()  # as in another process
    assert judged.verdicts(networks) == told
    assert asked == ["mine:vgg16/w", "theirs:alexnet/w"]


@pytest.mark.parametrize("ref", ["onnx:squeezenet1.0-9", "gluon:mobilenet1.0", "tfmg:inception_v1", "keras:ResNet50"])
def test_what_is_told_without_all_that_is_near_is_what_identify_tells(ref: str) -> None:
    told, short = identify(ref), recognise(find(ref), against())
    assert (short.verdict, short.reason, short.match) == (told.verdict, told.reason, told.match)
    assert short.names == tuple(one.architecture for one in told.candidates if one.exact)
