"""Operators that do nothing: identities of several kinds, and what nobody reads."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import onnx

from planted.disguises import disguise
from planted.network import Net, make


@disguise
def identities(net: Net, random: Random) -> int:
    """Identity here and there."""
    return sum(_between(net, random, lambda name, new: make("Identity", [name], new)) for _ in range(5))


@disguise
def dropout(net: Net, random: Random) -> int:
    """Dropout, which does nothing in inference."""
    return sum(_between(net, random, lambda name, new: make("Dropout", [name], new)) for _ in range(3))


@disguise
def arithmetic_identities(net: Net, random: Random) -> int:
    """Multiplications by one and additions of zero."""
    one, zero = net.constant(1.0), net.constant(0.0)
    times = _between(net, random, lambda name, new: make("Mul", [name, one], new))
    return times + _between(net, random, lambda name, new: make("Add", [zero, name], new))


@disguise
def dead_nodes(net: Net, random: Random) -> int:
    """Operators whose result nobody takes."""
    for name in _floats(net, random, 3):
        net.nodes.append(make("Relu", [name], net.fresh("unused")))
    return 3


def _floats(net: Net, random: Random, number: int) -> list[str]:
    """Activations, at random."""
    known = ("Conv", "Relu", "BatchNormalization", "Gemm", "MaxPool", "LeakyRelu", "Concat")
    found = [node.output[0] for node in net.nodes if node.op_type in known and len(net.shape(node.output[0])) > 1]
    return random.sample(found, min(number, len(found)))


def _between(net: Net, random: Random, build: Callable[[str, str], onnx.NodeProto]) -> int:
    """Put a node between a tensor and all its readers, or one of them."""
    for name in _floats(net, random, 1):
        readers = net.consumers[name]
        if name in net.returned or not readers:
            return 0
        reader = random.choice([None, *readers])
        new = build(name, net.fresh("between"))
        net.redirect(name, new.output[0], [other for other in readers if reader is not None and other is not reader])
        net.nodes.append(new)
        net.edited()
        return 1
    return 0
