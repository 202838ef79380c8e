"""flop-squeeze: the ratio of two tools, and that ONNX's 1.0 is 1.1."""

from __future__ import annotations

from collections.abc import Callable

from zoodiff.survey.judge import Judged


def test_it_is_1_1(judged: Callable[..., Judged]) -> None:
    found = judged("flop-squeeze")
    assert found.status == "same"
    assert (found.ours["onnx_counts_equal"], found.ours["onnx_is_1_1"]) == (True, True)
    assert found.ours["torchvision_millions"] == "819.093576"  # convolutions 818.924576, pooling 0.169
    assert found.ours["ratio"].startswith("2.316")
    assert found.evidence["ratio_in_one_convention"].startswith("2.345")
    assert found.evidence["differences_of_the_two_of_onnx"] == []
    assert found.evidence["bytes"] < 4 * 1_248_424 == 4_993_696  # the weights of 1.0
    assert any("7x7" in cause["words"] for cause in found.evidence["differences_from_torchvision"])


def test_what_is_a_digit_apart_is_said(judged: Callable[..., Judged]) -> None:
    found = judged("flop-squeeze")
    assert found.numbers["torchvision_millions"] == found.numbers["ratio"] == "last digit"
    assert "819.093, printed 819.08" in found.why


def test_a_true_1_0_would_be_different(swapped: Callable[..., Judged]) -> None:
    found = swapped("flop-squeeze", "onnx:squeezenet1.0-12", "gluon:squeezenet1.0")
    assert found.status == "different"
    assert found.numbers["onnx_is_1_1"] == found.numbers["ratio"] == "different"
