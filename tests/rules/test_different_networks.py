"""Different networks under one name are found, whatever their input sizes and numbers of classes."""

from __future__ import annotations

from madeup import Judged, published


def test_a_pooling_more_is_another_network(judged: Judged) -> None:
    [finding] = judged(
        "different-networks",
        one=(published("vgg16", "eight.onnx"),),
        two=(published("vgg16", "pooled.onnx"),),
        three=(published("vgg16", "eight.onnx"),),
    )
    assert finding.evidence["groups"] == {"A": ["one:vgg16", "three:vgg16"], "B": ["two:vgg16"]}


def test_another_input_size_is_the_same_network(judged: Judged) -> None:
    assert not judged(
        "different-networks", one=(published("vgg16", "eight.onnx"),), two=(published("vgg16", "large.onnx"),)
    )
