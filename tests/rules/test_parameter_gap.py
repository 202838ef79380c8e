"""Different numbers of parameters are found: 37 a channel and 10 in the tiny networks."""

from __future__ import annotations

from madeup import Judged, published


def test_an_eighth_more(judged: Judged) -> None:
    [finding] = judged("parameter-gap", one=(published("vgg16", "eight.onnx"),), two=(published("vgg16", "nine.onnx"),))
    assert finding.evidence["learned_parameters"] == {"one:vgg16": 37 * 8 + 10, "two:vgg16": 37 * 9 + 10}
    assert finding.severity == "medium"  # 37 of 306: 12 %


def test_another_input_size_changes_no_parameters(judged: Judged) -> None:
    assert not judged("parameter-gap", one=(published("vgg16", "eight.onnx"),), two=(published("vgg16", "large.onnx"),))


def test_two_models_of_one_zoo_are_no_gap_between_zoos(judged: Judged) -> None:
    assert not judged("parameter-gap", one=(published("vgg16", "eight.onnx"), published("VGG16", "nine.onnx")))
