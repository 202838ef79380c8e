"""Root causes: one change is one cause, named for what it is; what only follows from it is none."""

from __future__ import annotations

from typing import Any

import onnx
import pytest

from networks import network
from zoodiff.alignment.align import align
from zoodiff.attribution.causes import Root, roots
from zoodiff.readers.onnx import from_proto
from zoodiff.reducing.reduce import build

SHAPES = {"w": (8, 3, 3, 3), "u": (8, 8, 3, 3), "k": (16, 8, 1, 1), "v": (8, 16, 3, 3), "d": (8, 10)}
UNIT = """net (float[1,3,16,16] x) => (float[] y) {{
  a = Conv <pads = [1,1,1,1]> (x, w) {first} b = Conv <pads = [1,1,1,1]{b}> (p, u) q = {act} (b)
  e = Conv {k}(q, k) f = Relu (e) g = Conv <pads = [1,1,1,1]> (f, v) {last} h = GlobalAveragePool (s) i = Flatten (h)
  y = Gemm (i, d) }}"""
PLAIN = {"first": "p = Relu (a)", "b": "", "act": "Relu", "k": "", "last": "s = Add (g, p)"}


def model(shapes: dict[str, tuple[int, ...]] | None = None, **parts: str) -> onnx.ModelProto:
    return network(UNIT.format(**PLAIN | parts), **SHAPES | (shapes or {}))


def found(left: onnx.ModelProto, right: onnx.ModelProto) -> list[Root]:
    one, two = build(from_proto(left, "left")), build(from_proto(right, "right"))
    return roots(one, two, align(one, two))


def test_a_network_has_no_causes_against_itself() -> None:
    assert found(model(), model()) == []


CASES: dict[str, tuple[onnx.ModelProto, tuple[str, str, str, Any, Any]]] = {
    "activation": (model(act="LeakyRelu"), ("changed", "Activation", "op", "Relu", "LeakyRelu")),
    "no activation": (model(first="p = Identity (a)"), ("missing", "Activation", "layer", "Relu", None)),
    "no shortcut": (model(last="s = Identity (g)"), ("missing", "Shortcut", "layer", "Add", None)),
    "pooling in": (
        model(first="r = Relu (a) p = MaxPool <kernel_shape = [3,3], pads = [1,1,1,1]> (r)"),
        ("added", "MaxPool", "layer", None, "MaxPool"),
    ),
    "width": (model({"k": (32, 8, 1, 1), "v": (8, 32, 3, 3)}), ("changed", "Conv", "out_channels", 16, 32)),
    "kernel": (
        model({"k": (16, 8, 3, 3)}, k="<pads = [1,1,1,1]> "),
        ("changed", "Conv", "kernel_shape", [1, 1], [3, 3]),
    ),
    "classes": (model({"d": (8, 11)}), ("changed", "Gemm", "out_channels", 10, 11)),
}


@pytest.mark.parametrize("name", CASES)
def test_one_change_is_one_cause(name: str) -> None:
    right, expected = CASES[name]
    causes = found(model(), right)
    assert [(c.kind, c.op, c.what, c.left, c.right) for c in causes] == [expected]
    assert causes[0].group == ("interface" if name == "classes" else "architecture")


SUM = """net (float[1,3,8,8] x) => (float[] y) {{
  a = Conv (x, w) b = Sigmoid (a) c = Tanh (a) d = Elu (a) {adds} e = Conv (s, u) r = Relu (e) y = Add (r, e) }}"""


def total(adds: str) -> onnx.ModelProto:
    return network(SUM.format(adds=adds), w=(8, 3, 3, 3), u=(8, 8, 1, 1))


def test_the_order_of_addition_is_free() -> None:
    orders = ["p = Add (b, c) s = Add (p, d)", "p = Add (d, b) s = Add (c, p)", "s = Sum (c, d, b)"]
    for one in orders:
        for other in orders:
            assert found(total(one), total(other)) == []


def test_what_is_added_is_not() -> None:
    """Another term is another sum; so is one that is read before all is added."""
    plain = total("p = Add (b, c) s = Add (p, d)")
    (cause,) = found(plain, total("p = Add (b, c) s = Add (p, b)"))[:1]
    assert cause.what in ("wiring", "layer")
    twice = total("p = Add (b, c) q = Relu (p) t = Add (p, d) s = Add (t, q)")
    other = total("p = Add (b, d) q = Relu (p) t = Add (p, c) s = Add (t, q)")
    assert found(twice, other)


def test_a_stride_that_moves_is_one_cause() -> None:
    first = UNIT.replace("pads = [1,1,1,1]{b}", "pads = [1,1,1,1], strides = [2,2]").replace("Add (g, p)", "Relu (g)")
    second = UNIT.replace(
        "f = Relu (e) g = Conv <pads = [1,1,1,1]>", "f = Relu (e) g = Conv <pads = [1,1,1,1], strides = [2,2]>"
    )
    parts = PLAIN | {"last": "s = Relu (g)"}
    causes = found(network(first.format(**parts), **SHAPES), network(second.format(**parts), **SHAPES))
    assert [(c.kind, c.op, c.what, len(c.mine)) for c in causes] == [("changed", "Conv", "strides", 2)]
