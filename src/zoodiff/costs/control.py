"""Operators that run subgraphs: If, Loop, Scan.

Counted where the number of runs follows from the file and the shapes; otherwise Uncountable, except that a subgraph
without any arithmetic costs nothing however often it runs.
"""

from __future__ import annotations

from zoodiff.costs._cost import Cost, Uncountable, cost_of, dims, enclosed, present
from zoodiff.record import Graph, Node


def branch(node: Node, graph: Graph) -> Cost:
    """If: the cost of its branches where both cost the same; otherwise it depends on the data."""
    costs = {_body(body, graph) for body in node.subgraphs}
    if len(costs) != 1:
        raise Uncountable("its branches cost differently, and which one runs depends on the data")
    return costs.pop()


def loop(node: Node, graph: Graph) -> Cost:
    """Loop: the trip count times the body's cost, where the count is a constant and no condition can end it early."""
    (body,) = node.subgraphs
    cost = _body(body, graph)
    if cost == Cost():
        return cost
    trips = graph.constants.get(node.inputs[0]) if present(node.inputs, 0) else None
    if trips is None or trips.data is None:
        raise Uncountable("how often its body runs is not known")
    if present(node.inputs, 1) and not _unconditional(node, body, graph):
        raise Uncountable("a condition may end it before its trip count")
    return _times(int(trips.data.ravel()[0]), cost)


def scan(node: Node, graph: Graph) -> Cost:
    """Scan: the length of the scanned axis times the body's cost."""
    (body,) = node.subgraphs
    cost = _body(body, graph)
    if cost == Cost():
        return cost
    number = node.attributes["num_scan_inputs"]
    axis = node.attributes.get("scan_input_axes", (0,) * number)[0]
    if graph.opset == 8:
        axis += 1  # the first version has a batch dimension in front, and each image scans for itself
        batch = dims(graph, node.inputs[-number])[0]
        return _times(batch * dims(graph, node.inputs[-number])[axis], cost)
    return _times(dims(graph, node.inputs[-number])[axis], cost)


def _body(body: Graph, outer: Graph) -> Cost:
    inside = enclosed(body, outer)
    macs = other = 0
    for node in inside.nodes:
        cost = cost_of(node, inside)
        macs, other = macs + cost.macs, other + cost.other
    return Cost(macs, other)


def _times(runs: int, cost: Cost) -> Cost:
    return Cost(runs * cost.macs, runs * cost.other)


def _unconditional(node: Node, body: Graph, graph: Graph) -> bool:
    """Whether the condition begins true and the body hands it on: unchanged, or as a constant that is true."""
    start = graph.constants.get(node.inputs[1])
    if start is None or start.data is None or not start.data.all():
        return False
    copies = {inner.outputs[0]: inner.inputs[0] for inner in body.nodes if inner.op == "Identity"}
    name = body.outputs[0].name
    while name in copies:
        name = copies[name]
    kept = body.constants.get(name) or graph.constants.get(name)
    return name == body.inputs[1].name or (kept is not None and kept.data is not None and bool(kept.data.all()))


OPERATORS = {"If": branch, "Loop": loop, "Scan": scan}
