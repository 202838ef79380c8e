"""A model whose graph bears another name in more zoos is mislabelled; one that is like its namesakes is not."""

from __future__ import annotations

from madeup import Judged, published

VGG = published("vgg16", "pooled.onnx")


def test_a_graph_that_is_known_by_another_name(judged: Judged) -> None:
    [finding] = judged(
        "mislabelled",
        one=(VGG,),
        two=(VGG, published("alexnet", "pooled.onnx")),
        three=(published("alexnet", "large.onnx"),),
    )
    assert finding.models == ("two:alexnet",)
    assert finding.title == "two:alexnet is not alexnet but vgg16"
    assert finding.evidence["by"] == "graph"


def test_namesakes_and_models_without_a_graph_stay_silent(judged: Judged) -> None:
    assert not judged("mislabelled", one=(VGG, published("alexnet")), two=(VGG,))
