"""Let padding that the other network's pooling does itself be part of the change from one pooling to another."""

from __future__ import annotations

from zoodiff.alignment.align import Pairing
from zoodiff.attribution.root import Root
from zoodiff.reducing.net import Net, Step


def padded(found: list[Root], left: Net, right: Net, pairing: Pairing) -> list[Root]:
    """The roots without those of a Pad that only one has, where the other's pooling pads so itself.

    Zeros can be padding of an average that counts them, and not of a maximum of what may be negative: if one
    becomes the other, that it pads is no second change.
    """
    changed = {step: root for root in found if root.what == "op" for step in root.mine + root.theirs}
    gone = set[int]()
    for root in found:
        steps = root.mine + root.theirs
        if root.what != "layer" or [step.op for step in steps] != ["Pad"] or len(steps[0].readers) != 1:
            continue
        net, other, mate = (left, right, pairing.left) if root.mine else (right, left, pairing.right)
        pool = net.steps[steps[0].readers[0][0]]
        twin = other.steps[mate[pool.index]] if mate[pool.index] >= 0 else None
        if pool in changed and twin is not None and _padded(steps[0], pool) == _counted_zeros(twin):
            changed[pool].companions += steps
            gone.add(id(root))
    return [root for root in found if id(root) not in gone]


def _padded(pad: Step, pool: Step) -> tuple[int, ...]:
    """The zeros that a pooling reads around its map, with those of the Pad before it; nothing of other padding."""
    if set(pad.attributes) != {"pads"} or pool.kind != "pooling":
        return ()
    around, rank = pad.stated["pads"], len(pad.stated["pads"]) // 2
    spatial = (*around[2:rank], *around[rank + 2 :])
    own = pool.stated.get("pads", ())
    return tuple(a + b for a, b in zip(spatial, own, strict=True)) if len(spatial) == len(own) else ()


def _counted_zeros(pool: Step) -> tuple[int, ...] | None:
    """The padding of an average that counts it as zeros; None of any other step."""
    return tuple(pool.stated["pads"]) if pool.attributes.get("count_include_pad") else None
