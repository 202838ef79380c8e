"""flop-rn50v2: both counts, and the strides that account for all of the gap."""

from __future__ import annotations

from collections.abc import Callable

from zoodiff.survey.judge import Judged


def test_counts_claims_and_causes(judged: Callable[..., Judged]) -> None:
    found = judged("flop-rn50v2")
    assert found.status == "same"
    assert found.ours["onnx_billions"].startswith("4.12")
    assert found.ours["keras_billions"].startswith("3.489")
    assert found.evidence["shortcuts"] == {
        "onnx": {"convolution": 4, "identity": 12},
        "keras": {"convolution": 4, "identity": 9, "max-pooling": 3},
    }
    strides = [cause for cause in found.evidence["differences"] if "stride" in cause["words"]]
    assert sum(cause["macs"] for cause in strides) == 3482255360 - 4089184256


def test_another_claim_or_network_changes_it(judged: Callable[..., Judged], swapped: Callable[..., Judged]) -> None:
    assert judged("flop-rn50v2", claims={"onnx:resnet50-v2-7": "75.9"}).numbers["onnx_top1"] == "different"
    found = swapped("flop-rn50v2", "keras:ResNet50V2", "gluon:resnet50_v2")
    assert found.numbers["max_pool_skips"] == found.numbers["because_of_strides"] == "different"
