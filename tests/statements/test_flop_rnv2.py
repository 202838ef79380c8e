"""flop-rnv2: the input is the cause, to the last multiply-accumulate but for a class."""

from __future__ import annotations

from collections.abc import Callable

from zoodiff.survey.judge import Judged


def test_the_input_is_the_cause(judged: Callable[..., Judged]) -> None:
    found = judged("flop-rnv2")
    assert found.status == "same"
    assert (found.ours["input"], found.ours["other_input"]) == (299, 224)
    assert [row["excess"][:4] for row in found.evidence.values()] == ["87.6", "85.8", "85.3"]
    macs = sum(cause["macs"] for cause in found.evidence["resnet50-v2"]["differences"])
    assert macs == 6536213248 - 3482255360 - 2048  # the dense layer has a class more: no architecture


def test_at_the_same_input_it_is_different(swapped: Callable[..., Judged]) -> None:
    found = swapped("flop-rnv2", "tfmg:resnet_v2_50", "keras:ResNet50V2")
    assert found.status == "different"
    assert found.ours["above"] == 2
