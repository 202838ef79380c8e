"""Graphs made by hand, for tests of what is counted on them."""

from __future__ import annotations

from zoodiff.record import Constant, Graph, Node, Value


def graph(nodes, shapes, constants=(), inputs=("x",), outputs=("y",), dtypes=()):
    """`nodes`: (op, inputs, outputs[, attributes]) with names between spaces; `constants`: name to (dtype, shape)."""
    made = [Node(op, tuple(i.split()), tuple(o.split()), *more) for op, i, o, *more in nodes]
    values = {name: Value(name, dict(dtypes).get(name, "float32"), shape) for name, shape in shapes.items()}
    return Graph(
        name="test",
        inputs=tuple(values[name] for name in inputs),
        outputs=tuple(values[name] for name in outputs),
        constants={name: Constant(name, dtype, shape) for name, (dtype, shape) in dict(constants).items()},
        nodes=tuple(made),
        values=values,
        opset=20,
    )
