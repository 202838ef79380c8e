"""Published parameter counts are held against the graph's, with the excuses that count."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from madeup import Judged, claimed, published
from zoodiff.record import Model, Weights

TRUE = 37 * 8 + 10


def counted(count: int) -> Model:
    model = published("vgg16", "eight.onnx")
    return msgspec.structs.replace(model, weights=(Weights("w1", "eight.onnx", default=True, params=count),))


def test_another_count_is_found(judged: Judged) -> None:
    [finding] = judged("published-parameters", one=(counted(2 * TRUE),))
    assert finding.evidence["published"] == str(2 * TRUE)
    assert finding.evidence["graph"] == [TRUE]
    assert finding.severity == "medium"


def test_the_true_count_stays_silent(judged: Judged) -> None:
    assert not judged("published-parameters", one=(counted(TRUE),))


def test_the_smallest_difference_is_not_told_as_none(judged: Judged) -> None:
    claim = msgspec.structs.replace(
        claimed("vgg16", "params", "1"), value=Decimal("306.2"), as_written="306.2", kind="count"
    )
    [finding] = judged("published-parameters", one=(published("vgg16", "eight.onnx", claims=(claim,)),))
    assert finding.severity == "info"
    assert "less than 0.1 % off" in finding.title


@pytest.mark.parametrize(("written", "value", "found"), [("0.3k", 300, False), ("0.4k", 400, True)])
def test_rounding_as_printed_is_no_discrepancy(judged: Judged, written: str, value: int, found: bool) -> None:
    claim = msgspec.structs.replace(
        claimed("vgg16", "params", "1"), value=Decimal(value), as_written=written, kind="count"
    )
    model = published("vgg16", "eight.onnx", claims=(claim,))
    assert bool(judged("published-parameters", one=(model,))) is found
