"""What became of the claims: four Torchvision models got new weights, one ONNX file a claim."""

from __future__ import annotations

from decimal import Decimal

import pytest

from zoodiff.accuracy.choice import Chosen
from zoodiff.record import Claim, Source, Unmeasured
from zoodiff.survey.changes import changes, fate, fates
from zoodiff.survey.then import Models


def chosen(value: str, weights: str | None = None) -> Chosen:
    claim = Claim("m", "acc@1", Decimal(value), value, Source("a/b", "README.md"), weights=weights)
    return Chosen(claim, "the only one", "unknown")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (chosen("71.3"), chosen("71.3"), "standing"),
        (chosen("71.3"), chosen("71.30"), "standing"),
        (chosen("71.34"), chosen("71.3"), "rounded"),
        (chosen("71.3"), chosen("71.4"), "another number"),
        (chosen("76.130", "V1"), chosen("80.858", "V2"), "new weights"),
        (chosen("76.130", "V1"), Unmeasured("withdrawn"), "no longer claimed"),
        (Unmeasured("none yet"), chosen("60.96"), "not known then"),
    ],
)
def test_fates(before: Chosen | Unmeasured, after: Chosen | Unmeasured, expected: str) -> None:
    assert fate(before, after) == expected


def test_four_years(models: Models) -> None:
    told = changes(models.then("2022-05-01"), models.then(None))
    assert sum(fates(told)["acc@1"].values()) + sum(fates(told)["acc@5"].values()) == len(told)
    assert next(iter(fates(told)["acc@1"])) == "standing"
    found = {(one.ref, one.metric): one for one in told}
    resnet = found["torchvision:resnet50", "acc@1"]
    assert (resnet.then, resnet.today, resnet.fate) == (Decimal("76.130"), Decimal("80.858"), "new weights")
    densenet = found["onnx:densenet-12", "acc@1"]
    assert (densenet.then, densenet.today, densenet.fate) == (None, Decimal("60.96"), "not known then")
    assert found["onnx:vgg19-7", "acc@1"].fate == "standing"
    assert "onnx/models@" in found["onnx:vgg19-7", "acc@1"].why
    assert ("onnx:inception-v2-9", "acc@1") not in found
