"""Layout: stretches with the channels last."""

from __future__ import annotations

from random import Random

from planted.disguises import disguise
from planted.network import UNARY, Net, make
from planted.places import some


@disguise
def nhwc_stretch(net: Net, random: Random) -> int:
    """A run of operators that work element by element with the channels last, between two transpositions."""
    changed = 0
    for node in some(net, random, *sorted(UNARY - {"Dropout", "Clip"})):
        if len(net.shape(node.input[0])) != 4 or len(net.shape(node.output[0])) != 4:
            continue
        last, inner = net.fresh("channels_last"), net.fresh("channels_last")
        x, output = node.input[0], node.output[0]
        net.nodes += [
            make("Transpose", [x], last, perm=[0, 2, 3, 1]),
            make("Transpose", [inner], output, perm=[0, 3, 1, 2]),
        ]
        node.input[0], node.output[0] = last, inner
        changed += 1
    return changed
