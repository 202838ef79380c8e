"""Records survive JSON exactly, and answer for their default weights."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from zoodiff.record import Claim, Constant, Graph, Model, Source, Value, Weights


def test_a_claim_keeps_its_digits_through_json() -> None:
    claim = Claim("m", "acc@1", Decimal("76.130"), "76.130", Source("o/r", "p.md", "abc", 3))
    again = msgspec.json.decode(msgspec.json.encode(claim), type=Claim)
    assert again == claim
    assert str(again.value) == "76.130"


def test_the_default_weights_are_chosen_unless_others_are_named() -> None:
    model = Model("m", (Weights("a"), Weights("b", default=True)))
    assert [w.id for w in (model.chosen(), model.chosen("a")) if w] == ["b", "a"]
    assert model.chosen("c") is None
    assert Model("m", (Weights("a"),)).chosen() == Weights("a")
    assert Model("m").chosen() is None


def test_a_graph_knows_the_shape_of_any_tensor() -> None:
    graph = Graph("g", (), (), {"w": Constant("w", "float32", (3, 4))}, (), {"x": Value("x", "int8", (1, None))})
    assert (graph.shape("w"), graph.shape("x"), graph.shape("y")) == ((3, 4), (1, None), None)
    assert (graph.dtype("w"), graph.dtype("x"), graph.dtype("y")) == ("float32", "int8", "")


def test_a_source_reads_as_a_place() -> None:
    assert str(Source("owner/repo", "README.md", "0123456789abcdef", 7)) == "owner/repo@0123456789ab README.md:7"
