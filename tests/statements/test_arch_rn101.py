"""arch-rn101: the graphs say that all four have the paper's projections."""

from __future__ import annotations

from collections.abc import Callable

from zoodiff.survey.judge import Judged


def test_all_four_have_a_projection_a_stage(judged: Callable[..., Judged]) -> None:
    found = judged("arch-rn101")
    assert found.status == "different"
    assert {zoo: kind["convolution"] for zoo, kind in found.evidence["shortcuts"].items()} == dict.fromkeys(
        ("paper", "torchvision", "keras", "tfmg", "onnx"), 4
    )
    assert all(sum(kind.values()) == 3 + 4 + 23 + 3 for kind in found.evidence["shortcuts"].values())
    [stride] = found.evidence["keras_against_torchvision"]
    assert "stride" in stride["words"]
    assert stride["macs"] == 7801405440 - 7570194432


def test_networks_without_would_be_told(swapped: Callable[..., Judged]) -> None:
    found = swapped("arch-rn101", "torchvision:resnet101", "torchvision:vgg16")
    assert found.numbers["torchvision"] == "same"
