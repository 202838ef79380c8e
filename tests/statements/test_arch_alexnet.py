"""arch-alexnet: against the kernels that both papers print."""

from __future__ import annotations

from collections.abc import Callable

from zoodiff.survey.judge import Judged


def test_kernels_and_normalization(judged: Callable[..., Judged]) -> None:
    found = judged("arch-alexnet")
    assert found.status == "same"
    kernels = found.evidence["kernels"]
    assert kernels["alexnet-2012"][:2] == [[96, 3, 11, 11], [256, 48, 5, 5]]  # "256 kernels of size 5 x 5 x 48"
    assert kernels["torchvision"][:2] == [[64, 3, 11, 11], [192, 64, 5, 5]]
    assert found.evidence["local_response_normalizations"] == {"torchvision": 0, "alexnet-2012": 2, "alexnet-2014": 2}
    assert len(found.evidence["deviations"]["alexnet-2014"]) < len(found.evidence["deviations"]["alexnet-2012"])
    assert "their height and width not" in found.why


def test_the_onnx_zoos_alexnet_is_another_story(swapped: Callable[..., Judged]) -> None:
    found = swapped("arch-alexnet", "torchvision:alexnet", "onnx:bvlcalexnet-9")
    assert found.status == "different"
    assert (found.ours["first_kernels"], found.ours["normalization_missing"]) == (96, False)
