"""Another order: of the nodes, and of operands that commute."""

from __future__ import annotations

from random import Random

from planted.disguises import disguise
from planted.network import COMMUTATIVE, Net
from planted.places import some


@disguise
def reorder(net: Net, random: Random) -> int:
    """The nodes stand in another order that is as good."""
    before = [node.output[0] for node in net.nodes]
    net.nodes = net.ordered(random.randrange)
    return sum(node.output[0] != name for node, name in zip(net.nodes, before, strict=True))


@disguise
def swap_operands(net: Net, random: Random) -> int:
    """Operators that commute have their operands in another order."""
    changed = 0
    for node in some(net, random, *sorted(COMMUTATIVE)):
        if len(set(node.input)) > 1:
            node.input[:] = [*node.input[1:], node.input[0]]
            changed += 1
    return changed
