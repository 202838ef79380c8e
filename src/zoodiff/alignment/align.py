"""Pair the steps of two networks by structure alone: hashes from both ends first, then what lies between.

Names, order and layout are never looked at. Every step has labels in tiers, from strict to loose (`labels`).
Equal hashes on both sides of a change anchor the pairing (`anchors`), neighbours of pairs extend it
(`extend`), and in the gaps that are left the two sequences are aligned (`gaps`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from zoodiff.alignment.anchors import anchor, anchor_both_ends, one_but_for_sizes
from zoodiff.alignment.chains import pair_chains
from zoodiff.alignment.extend import extend
from zoodiff.alignment.gaps import pair_in_order, pair_in_place
from zoodiff.alignment.matching import Matching
from zoodiff.alignment.order import put_in_order
from zoodiff.alignment.repair import part, repair
from zoodiff.alignment.slide import slide
from zoodiff.reducing.net import Net


class Pairing(NamedTuple):
    """Which step of the left network is which of the right one; -1: none."""

    left: list[int]
    right: list[int]

    def pairs(self) -> Iterator[tuple[int, int]]:
        """The pairs, in the left network's order."""
        return ((a, b) for a, b in enumerate(self.left) if b >= 0)

    @property
    def whole(self) -> bool:
        """Whether every step of both networks has a partner."""
        return min(self.left, default=0) >= 0 and min(self.right, default=0) >= 0


def align(left: Net, right: Net, *, by_units: bool = True) -> Pairing:
    """Pair the steps of two networks; near-linear in their size unless they have little in common.

    With `by_units`, what lies between the tensors that everything passes through is paired as a whole first: right
    where a block is gone from among its like, wrong where all blocks are other ones.
    """
    matching = Matching(left, right)
    anchor_both_ends(matching, 0)
    if not matching.over and one_but_for_sizes(matching):
        anchor_both_ends(matching, 1)
    if by_units:
        pair_chains(matching)
    for tier in (0, 1):
        anchor(matching, tier)
    put_in_order(matching)
    for tier in (2, 3, 4):
        anchor_both_ends(matching, tier)
    pair_in_order(matching)
    slide(matching.a, matching.b)
    slide(matching.b, matching.a)
    for tier in (1, 2, 3, 4):
        extend(matching, tier)
    part(matching)
    for tier in (1, 2, 3, 4):
        extend(matching, tier, one_end=tier < 4)
    pair_in_place(matching)
    repair(matching)
    return Pairing(matching.a.mate, matching.b.mate)
