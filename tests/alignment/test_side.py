"""One side: two steps have one hash where, and only where, all above them, or all below them, is the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable

import pytest

from networks import network
from zoodiff.alignment.labels import TIERS
from zoodiff.alignment.side import Side
from zoodiff.reading.reference import find
from zoodiff.reducing.net import COMMUTATIVE
from zoodiff.reducing.reduce import build

NET = """net (float[1,4,8,8] x) => (float[] y) {
    a = Conv<pads = [1, 1, 1, 1]>(x, w)
    b = Conv<pads = [1, 1, 1, 1]>(x, w)
    c = Conv<pads = [2, 2, 2, 2], dilations = [2, 2]>(x, w)
    d = Relu(a) e = Relu(b) f = Relu(c)
    g = MatMul(d, f) h = MatMul(f, e) i = MatMul(e, f)
    j = Add(g, h) k = Add(h, i) l = Add(j, k) y = Relu(l)
}"""


def side(text: str, numbers: dict[Hashable, int] | None = None, **weights: tuple[int, ...]) -> Side:
    return Side(build(find(network(text, **weights)).graph()), {} if numbers is None else numbers)


def above(one: Side, at: int, tier: int) -> Hashable:
    """A step with all that it is made of, written out."""
    if at < 0:
        return at
    parts: list[Hashable] = [(above(one, source, tier), port) for source, port in one.steps[at].inputs]
    if one.steps[at].op in COMMUTATIVE:
        return one.labels[tier][at], frozenset(Counter(parts).items())
    return one.labels[tier][at], tuple(parts)


def below(one: Side, at: int, tier: int) -> Hashable:
    """A step with all that is made of it, written out."""
    readers = Counter((below(one, reader, tier), place) for reader, place in one.steps[at].readers)
    return one.labels[tier][at], frozenset(readers.items()), one.outputs.count(at)


OUTPUTS = """net (float[1,4] x) => (float[] y, float[] z) {
    a = Sin(x) b = Sin(x) y = Tanh(a) c = Tanh(b) z = Add(y, c)
}"""
"""Two branches that are alike, but for that one ends in an output."""


@pytest.mark.parametrize("tier", range(TIERS))
@pytest.mark.parametrize("text", [NET, OUTPUTS])
def test_hashes_are_equal_where_all_above_or_all_below_is(text: str, tier: int) -> None:
    one = side(text, w=(4, 4, 3, 3))
    every = range(len(one.steps))
    for hashes, written in ((one.forward(tier), above), (one.backward(tier), below)):
        terms = [written(one, at, tier) for at in every]
        assert len(set(terms)) > 2
        for a in every:
            for b in every:
                assert (hashes[a] == hashes[b]) == (terms[a] == terms[b])


def test_both_networks_number_a_label_alike() -> None:
    numbers: dict[Hashable, int] = {}
    one = side("net (float[1,4] x) => (float[] y) { a = Relu(x) y = Tanh(a) }", numbers)
    other = side("net (float[1,4] x) => (float[] y) { a = Tanh(x) y = Relu(a) }", numbers)
    assert [labels[::-1] for labels in other.labels] == one.labels
    assert one.forward(0) != other.forward(0)


def test_within_their_units_blocks_of_one_form_have_equal_hashes() -> None:
    block = "c~ = Conv(h~, w) r~ = Relu(c~) n~ = Add(h~, r~)"
    text = " ".join(block.replace("n~", f"h{at + 1}").replace("~", str(at)) for at in range(3))
    one = side(f"net (float[1,4,8,8] h0) => (float[] h3) {{ {text} }}", w=(4, 4, 1, 1))
    [first, second, third] = one.units
    assert one.home == [0] * 3 + [1] * 3 + [2] * 3
    for hashes in (one.forward(0, local=True), one.backward(0, local=True)):
        assert [hashes[at] for at in first] == [hashes[at] for at in second] == [hashes[at] for at in third]
    whole = one.forward(0)
    assert len(set(whole)) == len(whole)


def test_neighbours_agree_where_they_are_paired_with_each_other() -> None:
    numbers: dict[Hashable, int] = {}
    one, other = (side(NET, numbers, w=(4, 4, 3, 3)) for _ in range(2))
    add = next(step for step in one.steps if step.op == "Add" and one.steps[step.readers[0][0]].op == "Add")
    assert one.agreeing(other, add.index, add.index) == (0, 0)
    one.mate[add.inputs[0][0]] = add.inputs[0][0]
    assert one.agreeing(other, add.index, add.index) == (1, 0)
    one.mate[add.readers[0][0]] = add.readers[0][0]
    assert one.agreeing(other, add.index, add.index) == (1, 1)
    one.mate[add.inputs[1][0]] = add.index
    assert one.agreeing(other, add.index, add.index) == (1, 1)
    assert one.agreeing(other, 0, 0)[0] == 1  # both read the network's input
