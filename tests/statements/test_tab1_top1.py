"""tab1-top1: the cells of Table 1, and the tie that two of them turn on."""

from __future__ import annotations

from collections.abc import Callable

from zoodiff.survey.judge import Judged


def test_only_a_tie_is_counted_otherwise(judged: Callable[..., Judged]) -> None:
    found = judged("tab1-top1")
    assert found.status == "different"
    assert {name for name, grade in found.numbers.items() if grade != "same"} == {"tfmg_lowest", "keras_lowest"}
    assert found.evidence["models"] == {"torchvision": 27, "tfmg": 15, "keras": 27, "onnx": 17}
    assert found.why.count("this tie is counted otherwise: resnet101-v1, keras and tfmg at 76.4") == 2
    assert [(tie["architecture"], tie["end"]) for tie in found.evidence["ties"]] == [("resnet101-v1", "lowest")]


def test_without_the_tie_all_cells_are_those_of_the_study(judged: Callable[..., Judged]) -> None:
    assert judged("tab1-top1", claims={"keras:ResNet101": "76.3"}).status == "same"


def test_what_no_tie_explains_is_said(judged: Callable[..., Judged]) -> None:
    found = judged("tab1-top1", claims={"torchvision:alexnet": "50"})
    assert found.ours["torchvision_highest"] == "44.4444"  # 12 of 27
    assert "torchvision highest: 12 of 27 (44.4 %), printed 48 %; no way to count its ties gives that." in found.why
