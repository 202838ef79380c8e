"""flop-8: what can be counted, bounds where it cannot, and Figure 3 twice."""

from __future__ import annotations

from collections.abc import Callable

from zoodiff.survey.judge import Judged


def test_two_files_that_are_gone_leave_it_open(judged: Callable[..., Judged]) -> None:
    found = judged("flop-8")
    assert found.status == "not-checkable"
    assert (found.ours["above"]["from"], found.ours["above"]["to"]) == ("7", "9")
    assert float(found.ours["tenth"]["from"]) < 9 < float(found.ours["tenth"]["to"]) + 0.5
    assert set(found.evidence["not_counted"]) == {"onnx:googlenet-12", "onnx:shufflenet-v2-10"}
    assert found.numbers["largest"] == "last digit"  # 131.6 was cut off to 131


def test_figure_3_by_the_tools_and_alike(judged: Callable[..., Judged]) -> None:
    evidence = judged("flop-8").evidence
    tools = {row["architecture"]: row for row in evidence["figure_3_by_the_tools"]}
    alike = {row["architecture"]: row for row in evidence["figure_3_in_one_convention"]}
    assert list(tools)[:4] == list(alike)[:4] == ["squeezenet-1.0", "resnet50-v2", "resnet101-v2", "resnet152-v2"]
    assert alike["resnet50-v1"]["counts"] == {
        "torchvision": "4089184256",
        "keras": "3857973248",
        "onnx": "3857973248",
        "tfmg": "3482255360",
    }
    assert float(tools["mobilenet-v2"]["excess"]) > 10  # by onnx-opcounter's activations
    assert "mobilenet-v2" not in alike


def test_other_networks_change_it(swapped: Callable[..., Judged]) -> None:
    found = swapped("flop-8", "torchvision:squeezenet1_0", "torchvision:squeezenet1_1")
    assert (found.ours["above"]["from"], found.numbers["largest"]) == ("6", "different")
    assert swapped("flop-8", "onnx:googlenet-12", "tfmg:inception_v1").ours["above"]["to"] == "8"
