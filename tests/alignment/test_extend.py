"""Extending: from one pair on, a matching reaches as far as the networks are the same, and no further."""

from __future__ import annotations

import pytest

from networks import network
from zoodiff.alignment.extend import extend
from zoodiff.alignment.matching import Matching
from zoodiff.reading.reference import find
from zoodiff.reducing.net import Net
from zoodiff.reducing.reduce import build


def net(text: str, **weights: tuple[int, ...]) -> Net:
    return build(find(network(f"net (float[1,4,8,8] x) => (float[] y) {{ {text} }}", **weights)).graph())


def at(one: Net, op: str) -> int:
    [found] = [step.index for step in one.steps if step.op == op]
    return found


def paired(matching: Matching) -> set[tuple[str, str]]:
    """The pairs, by their operators."""
    return {(matching.a.steps[a].op, matching.b.steps[b].op) for a, b in enumerate(matching.a.mate) if b >= 0}


LEFT = net("a = Sin(x) b = Cos(a) c = Tanh(b) d = Softplus(c) y = Sigmoid(d)")


@pytest.mark.parametrize("start", ["Sin", "Tanh", "Sigmoid"])
def test_a_chain_is_paired_from_any_of_its_steps(start: str) -> None:
    matching = Matching(LEFT, LEFT)
    matching.pair(at(LEFT, start), at(LEFT, start))
    extend(matching, 0)
    assert matching.a.mate == list(range(5)) == matching.b.mate


def test_it_stops_where_labels_differ_and_goes_on_where_a_looser_tier_has_them_alike() -> None:
    right = net("a = Sin(x) b = Cos(a) c = Softsign(b) d = Softplus(c) y = Sigmoid(d)")
    matching = Matching(LEFT, right)
    matching.pair(at(LEFT, "Sin"), at(right, "Sin"))
    extend(matching, 1)
    assert paired(matching) == {("Sin", "Sin"), ("Cos", "Cos")}
    matching.pair(at(LEFT, "Softplus"), at(right, "Softplus"))
    extend(matching, 4)  # both are activations, and both ends agree
    assert paired(matching) == {(step.op, other.op) for step, other in zip(LEFT.steps, right.steps, strict=True)}


def test_by_kind_alone_both_ends_must_agree() -> None:
    right = net("a = Sin(x) b = Cos(a) c = Softsign(b) y = Softplus(c)")
    matching = Matching(LEFT, right)
    matching.pair(at(LEFT, "Cos"), at(right, "Cos"))
    extend(matching, 4)
    assert ("Tanh", "Softsign") not in paired(matching)


def test_one_end_is_enough_where_something_came_in() -> None:
    """Tanh reads another step on the right: what reads it still agrees."""
    right = net("a = Sin(x) b = Cos(a) n = Softsign(b) c = Tanh(n) d = Softplus(c) y = Sigmoid(d)")
    for one_end, whole in ((False, False), (True, True)):
        matching = Matching(LEFT, right)
        for op in ("Cos", "Softplus"):
            matching.pair(at(LEFT, op), at(right, op))
        extend(matching, 1, one_end=one_end)
        assert (("Tanh", "Tanh") in paired(matching)) == whole
        assert matching.b.mate[at(right, "Softsign")] == -1


@pytest.mark.parametrize(
    ("operator", "other", "known"), [("MatMul", "x", True), ("Add", "x", False), ("Add", "s", True)]
)
def test_of_several_candidates_none_is_taken_unless_place_tells_or_any_is_as_good(
    operator: str, other: str, known: bool
) -> None:
    """The two operands are alike; where both read `s` and both are added, nothing tells them apart."""
    one = net(
        f"s = Sigmoid(x) q = Conv(s, v) k = Conv({other}, w) y = {operator}(q, k)", v=(4, 4, 1, 1), w=(4, 4, 1, 1)
    )
    matching = Matching(one, one)
    last = len(one.steps) - 1
    matching.pair(last, last)
    extend(matching, 0)
    convolutions = [step.index for step in one.steps if step.op == "Conv"]
    assert [matching.a.mate[at] for at in convolutions] == (convolutions if known else [-1, -1])


@pytest.mark.parametrize("sources", ["sx", "xs"])
def test_what_is_as_good_on_one_side_only_is_not_taken(sources: str) -> None:
    text = "s = Sigmoid(x) q = Conv(s, v) k = Conv({}, w) y = Add(q, k)"
    matching = Matching(*(net(text.format(source), v=(4, 4, 1, 1), w=(4, 4, 1, 1)) for source in sources))
    matching.pair(at(matching.a.net, "Add"), at(matching.b.net, "Add"))
    extend(matching, 0)
    assert paired(matching) == {("Add", "Add")}
