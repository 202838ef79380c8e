from __future__ import annotations

import pytest

from networks import network
from proof import kinds, proven
from zoodiff.readers.onnx import from_proto
from zoodiff.reducing.reduce import build

SPLIT = "q, k, v = Split <axis = 2> (h, n)"
THREE = "n = Constant <value_ints = [6,6,6]> ()"
USED = "r = Relu(q) s = Sigmoid(k) t = Tanh(v) y = Concat <axis = 2> (r, s, t)"
GATHERS = """m = Constant <value_ints = [1,7,3,6]> () a = Reshape(h, m) b = Transpose <perm = [2,0,1,3]> (a)
    c0 = Constant <value_int = 0> () c1 = Constant <value_int = 1> () c2 = Constant <value_int = -1> ()
    q = Gather <axis = 0> (b, c0) k = Gather <axis = 0> (b, c1) v = Gather <axis = 0> (b, c2)"""
HEADS = """m = Constant <value_ints = [7,3,2,3]> () a = Reshape(h, m) b = Transpose <perm = [1,2,0,3]> (a)
    f = Constant <value_ints = [1,1,1]> () q0, k0, v0 = Split <axis = 0> (b, f)
    g = Constant <value_ints = [2,7,3]> () q1 = Reshape(q0, g) k1 = Reshape(k0, g) v1 = Reshape(v0, g)
    u = Constant <value_ints = [1,7,6]> ()
    q2 = Transpose <perm = [1,0,2]> (q1) k2 = Transpose <perm = [1,0,2]> (k1) v2 = Transpose <perm = [1,0,2]> (v1)
    q = Reshape(q2, u) k = Reshape(k2, u) v = Reshape(v2, u)"""


def layer(cut: str, used: str = USED, bias: bool = True):
    dense = "g0 = MatMul(x, w) h = Add(g0, z)" if bias else "h = MatMul(x, w)"
    weights = {"w": (6, 18), **({"z": (18,)} if bias else {})}
    return network(f"net (float[1,7,6] x) => (float[] y) {{ {dense} {cut} {used} }}", **weights)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("cut", [f"{THREE} {SPLIT}", GATHERS, HEADS])
def test_pieces_are_layers_of_their_own(cut, bias):
    draft = proven(layer(cut, bias=bias))
    assert sorted(kinds(draft)) == ["Concat", "Gemm", "Gemm", "Gemm", "Relu", "Sigmoid", "Tanh"]
    assert {draft.whole(op.outputs[0]) for op in draft.ops if op.op == "Gemm"} == {(1, 7, 6)}


@pytest.mark.parametrize("sizes", [(6, 6, 6), (2, 5, 11)])
def test_the_cost_is_shared_by_width(sizes):
    numbers = f"n = Constant <value_ints = {list(sizes)}> ()"
    net = build(from_proto(layer(f"{numbers} {SPLIT}"), "test"))
    layers = {step.channels: (step.macs, step.params) for step in net.steps if step.op == "Gemm"}
    assert layers == {width: (7 * 6 * width, 6 * width + width) for width in sizes}
    assert (net.unplaced.macs, net.unplaced.params) == (0, 0)


@pytest.mark.parametrize(
    ("cut", "used"),
    [
        (f"{THREE} {SPLIT}", USED.replace("t)", "t, h)")),  # read as a whole, too
        (
            "i = Constant <value_ints = [0]> () e = Constant <value_ints = [6]> () c = Constant <value_ints = [2]> () "
            "q = Slice(h, i, e, c)",
            "y = Relu(q)",
        ),  # the rest is never read
        (
            "n = Constant <value_ints = [3,4]> () q, k = Split <axis = 1> (h, n)",
            "r = Relu(q) y = Concat <axis = 1> (k, r)",
        ),  # tokens
    ],
)
def test_what_is_not_packed_stays(cut, used):
    draft = proven(layer(cut, used))
    assert kinds(draft).count("Gemm") == 1
    assert {"Split", "Slice"} & set(kinds(draft))
