# /// script
# requires-python = ">=3.11,<3.15"
# dependencies = [
#   "networkx==3.6.1",
#   "numpy>=2",
#   "scipy>=1.12",
# ]
# [tool.zoodiff]
# version-of = "networkx"
# without-dependencies = []
# from-source = []
# disk-mb = 400
# ///
"""networkx: edit distances and isomorphism; nodes bear the operator, its attributes and its weights' shapes.

It reads no ONNX: the graphs are handed to it as JSON, which costs it less than a model would.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

NAME = "networkx"
SUFFIX = ".json"
Answer = dict[str, Any]


def prove() -> None:
    """Raise unless two graphs that differ in one label are one edit apart."""
    import networkx as nx

    one, other = (nx.path_graph(3, nx.DiGraph) for _ in range(2))
    nx.set_node_attributes(one, "a", "label")
    nx.set_node_attributes(other, {0: "a", 1: "b", 2: "a"}, "label")
    if nx.graph_edit_distance(one, other, node_match=alike) != 1:
        raise RuntimeError("one changed label is not one edit")


def read(path: str) -> Any:
    """A graph with labelled nodes."""
    import networkx as nx

    told = json.loads(Path(path).read_text())
    graph = nx.DiGraph()
    for place, (name, label) in enumerate(zip(told["names"], told["labels"], strict=True)):
        graph.add_node(place, name=name, label=label)
    graph.add_edges_from(map(tuple, told["edges"]))
    return graph


def alike(one: dict[str, str], other: dict[str, str]) -> bool:
    """Whether two nodes bear the same label."""
    return one["label"] == other["label"]


def edits(a: str, b: str) -> Iterator[Answer]:
    """Ever better ways to turn one graph into the other: what they cost, and the nodes that they change."""
    import networkx as nx

    one, other = read(a), read(b)

    def changed(left: Any, right: Any) -> bool:
        return left is None or right is None or one.nodes[left]["label"] != other.nodes[right]["label"]

    def name(graph: Any, node: Any) -> str:
        return "" if node is None else str(graph.nodes[node]["name"])

    for nodes, _, cost in nx.optimize_edit_paths(one, other, node_match=alike):
        places = [[name(one, left), name(other, right)] for left, right in nodes if changed(left, right)]
        yield {"differ": cost > 0, "places": places, "said": f"distance {cost:g}"}


def distance(a: str, b: str) -> Answer:
    """graph_edit_distance: the least cost of all ways, proven to be it; it is the last of those that are tried."""
    *_, last = edits(a, b)
    return last


def first_distance(a: str, b: str) -> Answer:
    """optimize_graph_edit_distance: the first way that it finds, which is an upper bound."""
    return next(edits(a, b))


def vf2(a: str, b: str) -> Answer:
    """is_isomorphic (VF2) with labels: yes or no."""
    import networkx as nx

    return told(not nx.is_isomorphic(read(a), read(b), node_match=alike))


def vf2pp(a: str, b: str) -> Answer:
    """vf2pp_is_isomorphic (VF2++) with labels: yes or no."""
    import networkx as nx

    return told(not nx.vf2pp_is_isomorphic(read(a), read(b), node_label="label"))


def hashes(a: str, b: str) -> Answer:
    """weisfeiler_lehman_graph_hash of both, with labels: yes or no."""
    import networkx as nx

    one, other = (nx.weisfeiler_lehman_graph_hash(read(path), node_attr="label") for path in (a, b))
    return told(one != other)


def told(differ: bool) -> Answer:
    """An answer without a place."""
    return {"differ": differ, "places": None, "said": "different" if differ else "the same"}


METHODS = {
    "graph_edit_distance": distance,
    "optimize_graph_edit_distance (first)": first_distance,
    "is_isomorphic (VF2)": vf2,
    "vf2pp_is_isomorphic": vf2pp,
    "weisfeiler_lehman_graph_hash": hashes,
}
