"""A network may have so many operators, wherever they are."""

from __future__ import annotations

import pytest

from networks import network
from zoodiff.fault import Refusal
from zoodiff.readers import onnx as reader
from zoodiff.reading import allowance


def test_what_is_spent_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allowance, "MOST_OPERATORS", 5)
    allowed = allowance.Allowance()
    allowed.spend(3)
    allowed.spend(2)
    with pytest.raises(Refusal, match="more than 5 operators"):
        allowed.spend(1)


def test_operators_in_subgraphs_count(monkeypatch: pytest.MonkeyPatch) -> None:
    inner = "then_branch = t () => (float[1] p) { p = Relu(x) }, else_branch = e () => (float[1] q) { q = Neg(x) }"
    model = network(f"net (float[1] x, bool c) => (float[] y) {{ y = If (c) <{inner}> }}")
    monkeypatch.setattr(allowance, "MOST_OPERATORS", 3)
    assert len(reader.from_proto(model, "f").nodes) == 1
    monkeypatch.setattr(allowance, "MOST_OPERATORS", 2)
    with pytest.raises(Refusal, match="more than 2 operators"):
        reader.from_proto(model, "f")
