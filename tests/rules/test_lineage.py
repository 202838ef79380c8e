"""One graph in two zoos is said to be one network."""

from __future__ import annotations

from madeup import Judged, published


def test_the_same_network_in_two_zoos(judged: Judged) -> None:
    [finding] = judged(
        "lineage",
        one=(published("vgg16", "eight.onnx"),),
        two=(published("VGG16", "eight.onnx"),),
        three=(published("vgg_16", "sixteen.onnx"),),
    )
    assert finding.models == ("one:vgg16/w1", "two:VGG16/w1")
    assert (finding.title, finding.severity) == ("one and two have the same network", "info")


def test_one_zoo_or_two_networks_stay_silent(judged: Judged) -> None:
    assert not judged(
        "lineage",
        one=(published("vgg16", "eight.onnx"), published("alexnet", "nine.onnx")),
        two=(published("vgg16", "sixteen.onnx"),),
    )
