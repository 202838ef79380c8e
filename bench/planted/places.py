"""At which places of a network a disguise is put: some of them, at random."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import onnx

from planted.network import Net


def some(net: Net, random: Random, *ops: str) -> Iterator[onnx.NodeProto]:
    """About half of the nodes with one of these operators, and one at least."""
    found = [node for node in net.nodes if node.op_type in ops]
    yield from half(found, random)


def half(found: list[onnx.NodeProto], random: Random) -> list[onnx.NodeProto]:
    """About half of these nodes, and one at least where there are any."""
    chosen = [node for node in found if random.random() < 0.5]
    return chosen or (random.sample(found, 1) if found else [])
