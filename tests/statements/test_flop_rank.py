"""flop-rank: what of the order of the zoos is theirs, and what the tools make of equal networks."""

from __future__ import annotations

from collections.abc import Callable

from zoodiff.survey.judge import Judged


def test_keras_is_where_the_study_has_it_by_the_tools(judged: Callable[..., Judged]) -> None:
    found = judged("flop-rank")
    assert found.status == "different"
    assert found.numbers["keras_highest"] == found.numbers["keras_lowest"] == "same"
    assert found.evidence["by_the_tools"]["keras_lowest"] == "22 of 27"
    lowest = found.evidence["cells"]["keras_lowest"]
    assert lowest["about"] == "the tools"
    assert len(lowest["by_the_tools_only"]) == 17
    assert "efficientnet-b2" not in lowest["by_the_tools_only"]  # there Torchvision's input is larger


def test_the_model_gardens_share_is_that_of_one_convention(judged: Callable[..., Judged]) -> None:
    found = judged("flop-rank")
    assert found.ours["tfmg_highest"] == "50"
    assert found.evidence["in_one_convention"]["tfmg_highest"] == "11 of 16"  # 69 %, as printed
    hidden = found.evidence["cells"]["tfmg_highest"]["in_one_convention_only"]
    assert hidden == ["vgg16", "vgg19", "inception-v3"]  # level, but for what the other tools add
    assert "tfmg highest (about the tools): 8 of 16, of which 4 by the tools only" in found.why


def test_bounds_where_files_are_gone(judged: Callable[..., Judged]) -> None:
    bounds = judged("flop-rank").ours["torchvision_highest"]
    assert (bounds["from"], bounds["to"]) == ("66.6667", "74.0741")  # 18 and 20 of 27


def test_another_network_changes_it(swapped: Callable[..., Judged]) -> None:
    found = swapped("flop-rank", "keras:VGG16", "keras:VGG19")
    assert found.numbers["keras_highest"] == "different"
