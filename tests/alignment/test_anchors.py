"""Anchors: a change in the middle leaves all above it, and all below it, in pairs."""

from __future__ import annotations

from networks import network
from zoodiff.alignment.anchors import anchor, anchor_both_ends, one_but_for_sizes, pair_by
from zoodiff.alignment.matching import Matching
from zoodiff.reading.reference import find
from zoodiff.reducing.net import Net
from zoodiff.reducing.reduce import build


def net(text: str, **weights: tuple[int, ...]) -> Net:
    return build(find(network(f"net (float[1,4,8,8] x) => (float[] y) {{ {text} }}", **weights)).graph())


def convolutions(*, width: int = 4, groups: int = 1) -> Net:
    """Five convolutions one after the other; how wide the second is, and how many groups the third has."""
    text = " ".join(f"h{at + 1} = Conv<group = {groups if at == 2 else 1}>(h{at}, w{at})" for at in range(5))
    shapes = {f"w{at}": (4, 4, 1, 1) for at in range(5)} | {"w1": (width, 4, 1, 1), "w2": (4, width // groups, 1, 1)}
    return net(text.replace("h0", "x").replace("h5", "y"), **shapes)


PLAIN = convolutions()


def test_a_network_with_another_width_is_one_but_for_sizes() -> None:
    assert one_but_for_sizes(Matching(PLAIN, convolutions(width=6)))
    assert not one_but_for_sizes(Matching(PLAIN, convolutions(groups=2)))


def test_all_is_paired_above_and_below_a_change() -> None:
    matching = Matching(PLAIN, convolutions(groups=2))
    anchor(matching, 1)
    assert matching.a.mate == [0, 1, -1, 3, 4]


def test_both_ends_must_be_alike_where_only_both_count() -> None:
    matching = Matching(PLAIN, convolutions(groups=2))
    anchor_both_ends(matching, 1)
    assert matching.a.mate == [-1] * 5
    matching = Matching(PLAIN, convolutions(width=6))
    anchor_both_ends(matching, 0)
    assert matching.a.mate == [-1] * 5
    anchor_both_ends(matching, 1)
    assert matching.a.mate == [0, 1, 2, 3, 4]


def test_a_key_pairs_where_it_is_unique_and_no_key_never() -> None:
    matching = Matching(PLAIN, PLAIN)
    pair_by(matching, ["a", "b", "b", None, "e"], ["e", "b", "b", None, "a"])
    assert matching.a.mate == [4, -1, -1, -1, 0]
    pair_by(matching, ["a", "b", "b", None, "e"], ["b", "b", "b", "b", "b"], twins=True)
    assert matching.a.mate == [4, -1, -1, -1, 0]  # two against three that are left
    pair_by(matching, ["a", "b", "b", None, "e"], ["e", "b", "b", None, "a"], twins=True)
    assert matching.a.mate == [4, 1, 2, -1, 0]
