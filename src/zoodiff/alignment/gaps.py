"""Pair what anchors have left between them: in canonical order, or where it hangs between the same pairs."""

from __future__ import annotations

from collections import defaultdict

from zoodiff.alignment.components import Ends, components, ends
from zoodiff.alignment.matching import Matching
from zoodiff.alignment.scoring import CELLS, opening, scores
from zoodiff.alignment.sequence import aligned, increasing
from zoodiff.alignment.side import Side
from zoodiff.reducing.net import Step


def pair_in_order(matching: Matching) -> None:
    """Align what is left between anchors, in canonical order."""
    left, right = matching.a, matching.b
    rank_b = {at: place for place, at in enumerate(right.order)}
    chain = increasing([(a, rank_b[left.mate[a]]) for a in left.order if left.mate[a] >= 0])
    rank_a = {at: place for place, at in enumerate(left.order)}
    stops = [(rank_a[a], b) for a, b in chain] + [(len(left.order), len(right.order))]
    start_a = start_b = 0
    for stop_a, stop_b in stops:
        mine = [at for at in left.order[start_a:stop_a] if left.mate[at] < 0]
        theirs = [at for at in right.order[start_b:stop_b] if right.mate[at] < 0]
        if mine and theirs and len(mine) * len(theirs) <= CELLS:
            for i, j in aligned(scores(matching, mine, theirs), opening(left, mine), opening(right, theirs)):
                matching.pair(mine[i], theirs[j])
        start_a, start_b = stop_a + 1, stop_b + 1


def pair_in_place(matching: Matching) -> None:
    """Pair what is left, step by step, where it hangs between the same pairs and is of the same kinds."""
    left, right = matching.a, matching.b
    places: dict[Ends, list[list[Step]]] = defaultdict(list)
    for component in components(right.net, right.mate):
        places[ends(component, range(len(right.mate)))].append(component)
    for component in components(left.net, left.mate):
        for twin in places.get(ends(component, left.mate), []):
            if _kinds(left, component) == _kinds(right, twin) and right.mate[twin[0].index] < 0:
                for one, other in zip(component, twin, strict=True):
                    matching.pair(one.index, other.index)
                break


def _kinds(side: Side, component: list[Step]) -> list[int]:
    return [side.labels[4][step.index] for step in component]
