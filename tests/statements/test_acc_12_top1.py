"""acc-12-top1: which comparison gives the study's 12."""

from __future__ import annotations

from collections.abc import Callable

from zoodiff.survey.judge import Judged


def test_mobilenet_v2_is_at_the_threshold(judged: Callable[..., Judged]) -> None:
    found = judged("acc-12-top1")
    assert (found.status, found.ours["above"], found.ours["of"]) == ("same", 12, 35)
    assert found.evidence["spreads"]["mobilenet-v2"] == "0.96"
    assert (found.evidence["strictly_above"], found.evidence["strictly_above_in_binary"]) == (11, 12)
    assert repr(71.9 - 70.94) in found.why


def test_another_claim_changes_it(judged: Callable[..., Judged]) -> None:
    found = judged("acc-12-top1", claims={"onnx:mobilenetv2-7": "70.95"})
    assert (found.status, found.ours["above"]) == ("different", 11)
