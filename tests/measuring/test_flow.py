from __future__ import annotations

from collections import Counter

from made import graph
from zoodiff.measuring.flow import flow, reads, walk
from zoodiff.measuring.own import per_operator


def dense(name, source, target):
    return ("MatMul", f"{source} {name}", target)


def plan(nodes, **more):
    """Where the operators of a graph on 4 x 4 tensors belong, with weights w1, w2..."""
    names = {name for _, i, o, *_ in nodes for name in (i + " " + o).split()}
    weights = {name: ("float32", (4, 4)) for name in names if name.startswith("w")}
    network = graph(nodes, dict.fromkeys(names - weights.keys(), (4, 4)), weights, **more)
    read = reads(network)
    return flow(network, read, walk(network, read, per_operator(network)))


def sizes(groups):
    """How many operators each group has, in order of first appearance."""
    return list(Counter(groups).values())


def test_blocks_without_names():
    placed = plan(
        [
            ("Relu", "x", "a"),  # before the first weight: in its block
            dense("w1", "a", "b"),
            ("Relu", "b", "c"),
            dense("w2", "c", "d"),  # a block of its own
            dense("w3", "d", "e"),  # a residual unit
            dense("w4", "e", "f"),
            ("Add", "f d", "g"),
            ("Relu", "g", "h"),  # belongs to the unit
            ("Sigmoid", "h", "i"),  # so does a branch without weights
            ("Mul", "h i", "j"),
            dense("w5", "j", "k"),  # two branches
            dense("w6", "j", "l"),
            ("Concat", "k l", "m"),
            dense("w7", "m", "y"),
        ]
    )
    assert sizes(placed.block) == [3, 1, 6, 3, 1]
    assert placed.block == sorted(placed.block)


def test_layers_follow_the_first_input():
    placed = plan(
        [("Relu", "x", "a"), dense("w1", "a", "b"), dense("w2", "b", "c"), ("Add", "b c", "d"), ("Relu", "d", "y")]
    )
    assert placed.layers == ["input", "b", "c"]
    assert placed.layer == [0, 1, 2, 1, 1]


def test_a_product_of_two_activations_is_no_layer():
    placed = plan([dense("w1", "x", "q"), dense("w2", "x", "k"), ("MatMul", "q k", "y")])
    assert placed.layers == ["input", "q", "k"]
    assert placed.layer == [1, 2, 1]


def test_computing_a_shape_is_no_branch():
    chain = [dense("w1", "x", "a"), dense("w2", "a", "b"), ("Reshape", "b t", "y")]
    side = [("Shape", "x", "s"), ("Gather", "s first", "r"), ("Concat", "r r", "t")]
    with_side = plan([side[0], *chain[:2], side[1], side[2], chain[2]])
    assert with_side.block == [2, 1, 2, 2, 2, 2]  # the shape's operators go with their user
    assert plan(chain).block == [1, 2, 2]
