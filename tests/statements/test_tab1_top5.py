"""tab1-top5: the cells of Table 1."""

from __future__ import annotations

from collections.abc import Callable

from zoodiff.survey.judge import Judged


def test_every_cell_comes_out(judged: Callable[..., Judged]) -> None:
    found = judged("tab1-top5")
    assert found.status == "same"
    assert found.evidence["models"] == {"torchvision": 25, "tfmg": 14, "keras": 25, "onnx": 16}
    assert {tie["architecture"] for tie in found.evidence["ties"]} == {"inception-resnet-v2"}


def test_another_claim_changes_it(judged: Callable[..., Judged]) -> None:
    found = judged("tab1-top5", "acc@5", {"keras:InceptionResNetV2": "95.4"})
    assert found.status == "different"
    assert found.numbers["keras_highest"] == "different"
