"""acc-max against Figure 2 of the study, and what another claim makes of it."""

from __future__ import annotations

from collections.abc import Callable

from zoodiff.survey.judge import Judged


def test_the_ten_of_figure_2(judged: Callable[..., Judged]) -> None:
    found = judged("acc-max")
    assert found.status == "same"
    figure = {row["architecture"]: row["spread"] for row in found.evidence["figure_2"]}
    assert list(figure)[:3] == ["vgg19", "inception-v1", "googlenet"]
    assert (figure["vgg19"], figure["inception-v1"], list(figure)[-1]) == ("2.62", "2.57", "resnet50-v1")
    vgg19 = {row["ref"]: row["value"] for row in found.evidence["figure_2"][0]["claims"]}
    assert vgg19 == {
        "onnx:vgg19-7": "73.72",
        "torchvision:vgg19": "72.376",
        "keras:VGG19": "71.3",
        "tfmg:vgg_19": "71.1",
    }


def test_another_claim_changes_it(judged: Callable[..., Judged]) -> None:
    found = judged("acc-max", claims={"onnx:vgg19-7": "74.72"})
    assert (found.status, found.ours["largest"]) == ("different", "3.62")
    assert "74.72" in found.why


def test_densenet_121_of_may_2022_would_be_the_largest_gap_by_far(judged: Callable[..., Judged]) -> None:
    found = judged("acc-max", as_of="2022-05-11")
    assert found.status == "different"
    assert found.why.startswith("densenet121")
    assert float(found.ours["largest"]) > 5 * 2.62
