"""The zoos as the study took them: whose claims, which counts, and what cannot be counted."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from zoodiff.fault import Refusal
from zoodiff.measuring.measurement import measure
from zoodiff.survey.original import original
from zoodiff.survey.then import Models, costs, gather, source

DAY = "2022-05-01"


def test_the_claims_are_those_of_the_day(models: Models) -> None:
    assert models.then(DAY).claims("acc@1")["resnet50-v1"]["torchvision"] == Decimal("76.130")
    assert models.then("2023-01-01").claims("acc@1")["resnet50-v1"]["torchvision"] == Decimal("80.858")


def test_one_claim_alone_is_not_compared(models: Models) -> None:
    then = models.then(DAY)
    assert len(then.entries) == 36
    assert set(then.entries) - set(then.claims("acc@1")) == {"inception-v2"}


def test_spreads_are_exact_and_widest_first(models: Models) -> None:
    spreads = models.then(DAY).spreads("acc@1")
    assert next(iter(spreads.items())) == ("vgg19", Decimal("2.62"))
    assert spreads["mobilenet-v2"] == Decimal("0.96")
    assert list(spreads.values()) == sorted(spreads.values(), reverse=True)


def test_each_zoo_is_counted_by_its_tool_or_all_by_one_convention(models: Models) -> None:
    then = models.then(DAY)
    tools, alike = then.counts()["resnet50-v2"], then.counts("macs")["resnet50-v2"]
    assert round(tools["keras"] / 10**7) == 349
    assert tools["keras"] * 2 == measure("keras:ResNet50V2").conventions["tf-profiler"]
    assert alike["keras"] == measure("keras:ResNet50V2").counts.macs.value
    assert tools["onnx"] == measure("gluon:resnet50_v2").conventions["onnx-opcounter"]


def test_what_cannot_be_counted_says_why(models: Models) -> None:
    missing = models.then(DAY).uncounted()
    assert set(missing) == {"onnx:googlenet-12", "onnx:shufflenet-v2-10"}
    assert all("no graph" in reason for reason in missing.values())


def test_evidence_names_source_and_tool(models: Models) -> None:
    entry = models.then(DAY).entries["resnet50-v2"]["onnx"]
    assert source(entry, "acc@1")["value"] == Decimal("75.81")
    assert source(entry, "acc@1")["source"].startswith("onnx/models@")
    assert (costs(entry)["tool"], costs(entry)["stand_in"]) == ("onnx-opcounter", "gluon:resnet50_v2")


def test_snapshots_without_these_models_are_refused(zoos: None, monkeypatch: pytest.MonkeyPatch) -> None:
    told = original()
    one = msgspec.structs.replace(told, tools={"alpha": "fvcore"}, model={"resnet50-v1": {"alpha": "gone"}}, choice={})
    monkeypatch.setattr("zoodiff.survey.original.original", lambda: one)
    monkeypatch.setattr("zoodiff.survey.then.original", lambda: one)
    with pytest.raises(Refusal, match="alpha:gone"):
        gather()


def test_other_claims_change_one_model_only(models: Models) -> None:
    silent = models.changed("keras:VGG19", claims=())
    assert "keras" not in silent.then(DAY).claims("acc@1")["vgg19"]
    assert "keras" in models.then(DAY).claims("acc@1")["vgg19"]
