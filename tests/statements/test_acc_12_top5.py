"""acc-12-top5: six architectures, and what another claim makes of it."""

from __future__ import annotations

from collections.abc import Callable

from zoodiff.survey.judge import Judged


def test_six_of_thirty_two(judged: Callable[..., Judged]) -> None:
    found = judged("acc-12-top5")
    assert (found.status, found.ours["above"], found.ours["of"]) == ("same", 6, 32)
    assert found.evidence["spreads"]["resnet152-v1"] == "0.946"


def test_another_claim_changes_it(judged: Callable[..., Judged]) -> None:
    found = judged("acc-12-top5", "acc@5", {"keras:ResNet152": "93.9", "tfmg:resnet_v1_152": "93.9"})
    assert (found.status, found.ours["above"]) == ("different", 5)
