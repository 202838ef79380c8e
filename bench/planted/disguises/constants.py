"""Constants: as initializers or as nodes."""

from __future__ import annotations

from random import Random

from onnx import numpy_helper

from planted.disguises import disguise
from planted.network import Net, attribute, make
from planted.places import some


@disguise
def constant_nodes(net: Net, random: Random) -> int:
    """Small initializers as Constant nodes."""
    changed = 0
    for name in list(net.weights):
        data = net.data(name)
        if data is not None and data.size <= 64 and random.random() < 0.5 and net.consumers[name]:
            tensor = net.weights.pop(name)
            net.nodes.insert(0, make("Constant", [], name, value=tensor))
            changed += 1
    return changed


@disguise
def constant_initializers(net: Net, random: Random) -> int:
    """Constant nodes as initializers."""
    changed = 0
    for node in some(net, random, "Constant"):
        value = attribute(node, "value", None)
        if value is not None:
            net.weights[node.output[0]] = numpy_helper.from_array(numpy_helper.to_array(value), node.output[0])
            net.nodes = [other for other in net.nodes if other is not node]
            changed += 1
    return changed
