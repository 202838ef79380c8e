"""arch-rn50v2: where Keras pools and strides."""

from __future__ import annotations

from collections.abc import Callable

from zoodiff.survey.judge import Judged


def test_pools_and_strides(judged: Callable[..., Judged]) -> None:
    found = judged("arch-rn50v2")
    assert found.status == "same"
    for name in ("resnet50-v2", "resnet101-v2"):
        kinds = found.evidence[name]["shortcuts"]
        assert [kinds[who].get("max-pooling", 0) for who in ("keras", "onnx", "paper")] == [3, 0, 0]
        assert any("stride" in cause["words"] for cause in found.evidence[name]["against_paper"])
        assert found.evidence[name]["stand_in_of_onnx"].startswith("gluon:")


def test_onnxs_own_network_would_be_different(swapped: Callable[..., Judged]) -> None:
    found = swapped("arch-rn50v2", "keras:ResNet50V2", "gluon:resnet50_v2")
    assert found.status == "different"
    assert found.numbers["max_pool_50"] == found.numbers["strides_elsewhere_50"] == "different"
    assert found.numbers["max_pool_101"] == "same"
