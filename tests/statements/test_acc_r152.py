"""acc-r152: three claims and a gap that the origin paper prints."""

from __future__ import annotations

from collections.abc import Callable

from zoodiff.survey.judge import Judged


def test_the_shallower_network_claims_more(judged: Callable[..., Judged]) -> None:
    found = judged("acc-r152")
    assert found.status == "same"
    assert found.ours["torchvision_101_above_keras_152"] is True
    assert found.evidence["paper"] == {"resnet101-v1": "78.25", "resnet152-v1": "78.57"}  # errors 21.75 and 21.43
    assert [claim["value"] for claim in found.evidence["claims"]] == ["77.374", "78.312", "76.6"]


def test_another_claim_changes_it(judged: Callable[..., Judged]) -> None:
    found = judged("acc-r152", claims={"torchvision:resnet101": "76.5"})
    assert found.status == "different"
    assert found.numbers["torchvision_101_above_keras_152"] == "different"
    assert found.numbers["keras_152"] == "same"
