"""A gap in computation above 10 % is found; the tiny networks' counts are known in closed form."""

from __future__ import annotations

from madeup import Judged, published


def macs(channels: int, size: int) -> int:
    return 27 * channels * size**2 + 10 * channels


def test_twice_the_channels(judged: Judged) -> None:
    [finding] = judged(
        "mac-gap",
        one=(published("vgg16", "eight.onnx"),),
        two=(published("vgg16", "sixteen.onnx"),),
    )
    assert finding.models == ("two:vgg16", "one:vgg16")
    assert finding.evidence["macs"] == {"one:vgg16": macs(8, 32), "two:vgg16": macs(16, 32)}
    assert finding.evidence["ratio"] == 2
    assert "input" not in finding.title


def test_another_input_size_is_said(judged: Judged) -> None:
    [finding] = judged("mac-gap", one=(published("vgg16", "eight.onnx"),), two=(published("vgg16", "large.onnx"),))
    assert "input 64 against 32" in finding.title


def test_equal_costs_and_stand_ins_stay_silent(judged: Judged) -> None:
    assert not judged(
        "mac-gap",
        one=(published("vgg16", "eight.onnx"), published("vgg19", "sixteen.onnx")),
        two=(published("vgg16", stand_in="one:vgg19", stand_in_reason="for the test"),),
        three=(published("vgg16", "eight.onnx"),),
    )


def test_a_zoo_is_not_held_against_itself(judged: Judged) -> None:
    own = (published("official-resnet_50", "sixteen.onnx"), published("resnet_v1_50", "eight.onnx", "75.2"))
    assert not judged("mac-gap", one=own, two=(published("resnet50_v1", "eight.onnx", "76.1"),))
    [finding] = judged("mac-gap", one=own, two=(published("resnet50_v1", "sixteen.onnx"),))
    assert finding.models == ("two:resnet50_v1", "one:resnet_v1_50")
    assert finding.evidence["macs"] == {"one:resnet_v1_50": macs(8, 32), "two:resnet50_v1": macs(16, 32)}
