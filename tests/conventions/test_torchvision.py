"""Torchvision's column: equal to what torchvision publishes, for each of its graphs that it publishes a figure for."""

from __future__ import annotations

from decimal import Decimal

from other_counters import by_graph, by_text
from zoodiff.reading import reference
from zoodiff.record import Unmeasured


def test_every_published_figure() -> None:
    records = reference.snapshot("torchvision")
    compared = 0
    for model in records:
        chosen = model.chosen()
        claims = [
            claim.value for claim in model.claims if claim.metric == "macs" and chosen and claim.weights == chosen.id
        ]
        if chosen and chosen.graph and claims:
            assert [
                Decimal(str(by_graph("torchvision", reference.published(records, model, chosen).graph())))
            ] == claims
            compared += 1
    assert compared >= 70


def test_it_is_rounded_to_millions() -> None:
    """1000 x 1500 and 1000 x 1499 multiplications: ties go to the even million."""
    for width, said in ((1499, 10**6), (1500, 2 * 10**6), (2500, 2 * 10**6), (2501, 3 * 10**6)):
        text = "net (float[1,1000] x) => (float[] y) { y = MatMul (x, w) }"
        assert by_text("torchvision", text, w=(1000, width)) == said


def test_a_product_of_unknown_size_has_no_figure() -> None:
    text = "net (float[1,N] x, float[N,4] v) => (float[] y) { y = MatMul (x, v) }"
    assert isinstance(by_text("torchvision", text), Unmeasured)
