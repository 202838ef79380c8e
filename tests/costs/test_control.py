from __future__ import annotations

import numpy as np
import pytest

from zoodiff.costs._cost import Uncountable, cost_of
from zoodiff.record import Constant, Graph, Node, Value


def graph(nodes, values, constants=(), inputs=(), outputs=()):
    known = {name: Value(name, "float32", shape) for name, shape in values.items()}
    data = {name: np.asarray(value) for name, value in dict(constants).items()}
    return Graph(
        name="body",
        inputs=tuple(known[name] for name in inputs),
        outputs=tuple(known[name] for name in outputs),
        constants={name: Constant(name, str(value.dtype), value.shape, value) for name, value in data.items()},
        nodes=tuple(nodes),
        values=known,
        opset=20,
    )


def dense(out):
    """A body that multiplies the outer `x` by the outer `w`: 2 x 3 x 4 products."""
    return graph([Node("MatMul", ("x", "w"), (out,))], {out: (2, 4)}, outputs=[out])


OUTER = {"x": (2, 3), "w": (3, 4), "y": (2, 4), "c": ()}


def cost(node, constants=()):
    outer = graph([node], {k: v for k, v in OUTER.items() if k not in dict(constants)}, constants)
    return cost_of(node, outer)


def test_if_counts_only_where_both_branches_cost_the_same():
    same = Node("If", ("c",), ("y",), {"then_branch": dense("a"), "else_branch": dense("b")})
    assert cost(same) == (24, 0)
    identity = graph([Node("Identity", ("y",), ("b",))], {"b": (2, 4)}, outputs=["b"])
    other = Node("If", ("c",), ("y",), {"then_branch": dense("a"), "else_branch": identity})
    with pytest.raises(Uncountable, match="depends on the data"):
        cost(other)


def body(condition=("Identity", "go")):
    op, name = condition
    return graph(
        [Node(op, (name,), ("still",)), Node("MatMul", ("x", "w"), ("z",))],
        {"i": (), "go": (), "still": (), "z": (2, 4)},
        inputs=["i", "go"],
        outputs=["still", "z"],
    )


@pytest.mark.parametrize("start", ["", "true"])
def test_loop_with_a_constant_trip_count(start):
    node = Node("Loop", ("trips", start), ("y",), {"body": body()})
    assert cost(node, {"trips": np.int64(5), "true": np.bool_(True)}) == (5 * 24, 0)


@pytest.mark.parametrize(
    ("constants", "loop_body", "reason"),
    [
        ({"true": np.bool_(True)}, body(), "how often"),
        ({"trips": np.int64(5)}, body(), "end it early|may end it"),
        ({"trips": np.int64(5), "true": np.bool_(False)}, body(), "may end it"),
        ({"trips": np.int64(5), "true": np.bool_(True)}, body(("Not", "go")), "may end it"),
    ],
)
def test_loop_that_depends_on_data(constants, loop_body, reason):
    with pytest.raises(Uncountable, match=reason):
        cost(Node("Loop", ("trips", "true"), ("y",), {"body": loop_body}), constants)


def test_a_body_without_arithmetic_is_free_however_often_it_runs():
    free = graph([Node("Identity", ("x",), ("z",))], {"go": (), "z": (2, 3)}, outputs=["go", "z"])
    assert cost(Node("Loop", ("trips", ""), ("y",), {"body": free})) == (0, 0)


@pytest.mark.parametrize(("axes", "runs"), [((0,), 2), ((1,), 3)])
def test_scan_runs_once_per_slice(axes, runs):
    node = Node("Scan", ("c", "x"), ("y",), {"body": dense("z"), "num_scan_inputs": 1, "scan_input_axes": axes})
    assert cost(node) == (runs * 24, 0)


def test_what_cannot_be_counted_inside_makes_the_whole_uncountable():
    unknown = graph([Node("Relu", ("q",), ("z",))], {"z": (None, 4)}, outputs=["z"])
    with pytest.raises(Uncountable, match="'z'"):
        cost(Node("If", ("c",), ("y",), {"then_branch": unknown, "else_branch": unknown}))
