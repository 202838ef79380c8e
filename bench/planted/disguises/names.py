"""Other names: those of tensors and nodes say nothing."""

from __future__ import annotations

from random import Random

from planted.disguises import disguise
from planted.network import Net


@disguise
def rename(net: Net, random: Random) -> int:
    """Every tensor and every node has another name."""
    old = [value.name for value in net.inputs] + list(net.weights) + [n for node in net.nodes for n in node.output if n]
    numbers = random.sample(range(10 * len(old)), len(old))
    names = {name: f"t{number}" for name, number in zip(old, numbers, strict=True)}
    for node in net.nodes:
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
        node.name = f"n{random.randrange(10**9)}"
    for name, tensor in list(net.weights.items()):
        tensor.name = names[name]
    net.weights = {tensor.name: tensor for tensor in net.weights.values()}
    for value in (*net.inputs, *net.outputs):
        value.name = names[value.name]
    net.renamed = names
    return len(names)
