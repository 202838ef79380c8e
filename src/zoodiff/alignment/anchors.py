"""Anchor a matching where hashes are equal: of all above a step, of all below it, or of both."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence

from zoodiff.alignment.extend import extend
from zoodiff.alignment.matching import Matching
from zoodiff.alignment.side import Side
from zoodiff.alignment.symmetry import any_with_any


def one_but_for_sizes(matching: Matching) -> bool:
    """Whether the two are one network but for channels and sizes: then these must not lead astray."""
    return Counter(matching.a.forward(1)) == Counter(matching.b.forward(1))


def anchor(matching: Matching, tier: int) -> None:
    """Pair steps by the hashes from both ends, then from either end, and extend to their neighbours each time."""
    if matching.over:
        return
    a, b = matching.a, matching.b
    fa, fb, ba, bb = a.forward(tier), b.forward(tier), a.backward(tier), b.backward(tier)
    pair_by(matching, list(zip(fa, ba, strict=True)), list(zip(fb, bb, strict=True)), twins=True)
    extend(matching, tier)
    pair_by(matching, fa, fb)
    extend(matching, tier)
    pair_by(matching, ba, bb)
    extend(matching, tier)


def anchor_both_ends(matching: Matching, tier: int) -> None:
    """Pair steps by the hashes from both ends alone."""
    if matching.over:
        return
    a, b = matching.a, matching.b
    keys = list(zip(a.forward(tier), a.backward(tier), strict=True))
    pair_by(matching, keys, list(zip(b.forward(tier), b.backward(tier), strict=True)), twins=True)


def pair_by(matching: Matching, keys_a: Sequence[Hashable], keys_b: Sequence[Hashable], *, twins: bool = False) -> None:
    """Pair the steps whose key is unique on either side; with `twins` also those that are alike, any with any."""
    left, right = _free(matching.a, keys_a), _free(matching.b, keys_b)
    several = []
    for key, mine in left.items():
        theirs = right.get(key)
        if theirs is None:
            continue
        if len(mine) == len(theirs) == 1:
            matching.pair(mine[0], theirs[0])
        elif twins and len(mine) == len(theirs):
            several.append((mine, theirs))
    any_with_any(matching, several)


def _free(side: Side, keys: Sequence[Hashable]) -> dict[Hashable, list[int]]:
    """The steps that have a key and no partner, by their keys."""
    found: dict[Hashable, list[int]] = defaultdict(list)
    for at in side.order:
        if side.mate[at] < 0 and keys[at] is not None:
            found[keys[at]].append(at)
    return found
