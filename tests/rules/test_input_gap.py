"""Different input sizes between zoos are found."""

from __future__ import annotations

from madeup import Judged, published


def test_two_sizes(judged: Judged) -> None:
    [finding] = judged("input-gap", one=(published("vgg16", "eight.onnx"),), two=(published("vgg16", "large.onnx"),))
    assert finding.evidence["input"] == {"one:vgg16": 32, "two:vgg16": 64}


def test_one_size_and_one_zoo_stay_silent(judged: Judged) -> None:
    assert not judged(
        "input-gap",
        one=(published("vgg16", "eight.onnx"), published("vgg19", "large.onnx"), published("VGG19", "eight.onnx")),
        two=(published("vgg16", "nine.onnx"),),
    )
