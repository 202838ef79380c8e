"""Branches of a network: what lies between two tensors, and the residual sums that join it to where it began."""

from __future__ import annotations

from collections.abc import Iterator

import onnx

from planted.network import Net


def branch(net: Net, start: str, end: str) -> list[onnx.NodeProto] | None:
    """The nodes from `start` to `end`, where they read only it and parameters, and nothing else reads them."""
    found: dict[int, onnx.NodeProto] = {}
    waiting = [end]
    while waiting:
        name = waiting.pop()
        node = net.producer.get(name)
        if name == start or not name or name in net.weights:
            continue
        if node is None or len(found) > 60:
            return None
        if id(node) not in found:
            found[id(node)] = node
            waiting += node.input
    inside = {name for node in found.values() for name in node.output}
    readers = [reader for name in inside - {end} for reader in net.consumers[name]]
    closed = all(id(reader) in found for reader in readers) and not inside & net.returned
    reached = any(start in node.input for node in found.values())
    return [node for node in net.nodes if id(node) in found] if closed and reached else None


def residuals(net: Net) -> Iterator[tuple[onnx.NodeProto, str, list[onnx.NodeProto]]]:
    """Sums of a tensor and what layers with a convolution make of it: the sum, the tensor, the layers."""
    for node in net.nodes:
        if node.op_type not in ("Add", "Sum") or len(node.input) != 2:
            continue
        for identity, main in (node.input, node.input[::-1]):
            known = identity in net.producer and main in net.producer and len(net.shape(identity)) == 4
            if known and net.shape(identity) == net.shape(main) and net.only_consumer(main) is node:
                nodes = branch(net, identity, main)
                if nodes and any(inner.op_type == "Conv" for inner in nodes):
                    yield node, identity, nodes
                    break
