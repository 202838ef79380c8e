"""Changes of shape: a map as a vector, and sizes that are computed."""

from __future__ import annotations

import math
from random import Random

from planted.disguises import disguise
from planted.network import Net, make
from planted.places import some


@disguise
def flatten_forms(net: Net, random: Random) -> int:
    """A map as a vector: Flatten, Reshape or, of one pixel, Squeeze."""
    changed = 0
    for node in net.nodes[:]:
        shape, made = net.shape(node.input[0]) if node.input else (), net.shape(node.output[0])
        known = node.op_type in ("Flatten", "Reshape", "Squeeze") and len(shape) == 4 and shape[0] == 1
        if not known or made != (1, math.prod(shape)):
            continue
        x, output = node.input[0], node.output[0]
        target = random.choice([[1, made[1]], [1, -1], [0, -1]])
        forms = [make("Flatten", [x], output, axis=1), make("Reshape", [x, net.constant(target, "int64")], output)]
        if shape[2:] == (1, 1):
            axes = [net.constant([2, 3], "int64")] if net.opset >= 13 else []
            forms.append(make("Squeeze", [x, *axes], output, **({} if axes else {"axes": [2, 3]})))
        net.replace(node, random.choice([form for form in forms if form.op_type != node.op_type]))
        changed += 1
    return changed


@disguise
def shape_chains(net: Net, random: Random) -> int:
    """The target of a Reshape computed from the shape of what it reshapes."""
    changed = 0
    for node in some(net, random, "Reshape"):
        target, shape = net.data(node.input[1]), net.shape(node.input[0])
        made = net.shape(node.output[0])
        if target is None or not shape or not made or shape[0] != made[0]:
            continue
        sizes, first, whole = net.fresh("sizes"), net.fresh("first"), net.fresh("target")
        rest = net.constant([*made[1:]], "int64")
        net.nodes += [
            make("Shape", [node.input[0]], sizes),
            make("Gather", [sizes, net.constant([0], "int64")], first, axis=0),
            make("Concat", [first, rest], whole, axis=0),
        ]
        node.input[1] = whole
        changed += 1
    return changed
