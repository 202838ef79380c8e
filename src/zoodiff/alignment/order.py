"""Put the steps of two networks in canonical order, depth first from the outputs: gaps are aligned in it."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from zoodiff.alignment.matching import Matching
from zoodiff.reducing.net import COMMUTATIVE, Net


def put_in_order(matching: Matching) -> None:
    """Put the steps in order: branches by their depth, on the right by the places of their partners on the left."""
    a, b = matching.a, matching.b
    a.order = in_depth(a.net, [(-depth,) for depth in depths(a.net)])
    rank = {at: place for place, at in enumerate(a.order)}
    ranks = [rank[mate] if mate >= 0 else None for mate in b.mate]
    b.order = in_depth(b.net, _branches(b.net, ranks))


def in_depth(net: Net, rank: Sequence[Hashable]) -> list[int]:
    """The steps depth first from the outputs, branches together; a commutative operator's inputs by `rank`."""
    seen = [False] * len(net.steps)
    order: list[int] = []
    for output, _ in net.outputs:
        stack = [(output, False)]
        while stack:
            at, done = stack.pop()
            if done:
                order.append(at)
            elif at >= 0 and not seen[at]:
                seen[at] = True
                stack.append((at, True))
                sources = [source for source, _ in net.steps[at].inputs]
                if net.steps[at].op in COMMUTATIVE and len(sources) > 1:
                    sources.sort(key=lambda source: rank[source] if source >= 0 else (source,))  # type: ignore[arg-type,return-value]
                stack.extend((source, False) for source in sources)
    return order + [at for at in range(len(net.steps)) if not seen[at]]


def depths(net: Net) -> list[int]:
    """Per step, the longest way from an input."""
    found: list[int] = []
    for step in net.steps:
        found.append(1 + max([found[source] for source, _ in step.inputs if source >= 0], default=0))
    return found


def _branches(net: Net, ranks: Sequence[int | None]) -> list[tuple[int, int]]:
    """Per step, how its branch sorts among its neighbours: by the rank nearest above it, else the deepest first."""
    found: list[tuple[int, int]] = []
    for at, depth in enumerate(depths(net)):
        rank = ranks[at]
        above = [found[source][0] for source, _ in net.steps[at].inputs if source >= 0]
        found.append((rank if rank is not None else max(above, default=-1), -depth))
    return found
