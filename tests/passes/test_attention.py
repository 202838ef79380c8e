from __future__ import annotations

import numpy as np
import pytest

from networks import network
from proof import TOLERANCE, error, kinds, proven
from zoodiff.readers.onnx import from_proto
from zoodiff.reducing.normalise import normalise

PLAIN = sorted(["Gemm", "Gemm", "Gemm", "MatMul", "Mul", "Softmax", "MatMul"])
START = """split = Constant <value_ints = [1,7,2,3]> () flat = Constant <value_ints = [1,7,6]> ()
           s = Constant <value_float = 0.57735> () r = Constant <value_floats = [0.7598357]> ()
           d = Constant <value_float = 1.7320508> ()
           q0 = MatMul(x, wq) k0 = MatMul(x, wk) v0 = MatMul(x, wv)"""
HEADS = """q2 = Reshape(q1, split) k2 = Reshape(k1, split) v2 = Reshape(v0, split)
           q = Transpose <perm = [0,2,1,3]> (q2) k = Transpose <perm = [0,2,3,1]> (k2)
           v = Transpose <perm = [0,2,1,3]> (v2)"""
MEAN = "a = Softmax <axis = -1> (p) o = MatMul(a, v)"
END = "o1 = Transpose <perm = [0,2,1,3]> (o) y = Reshape(o1, flat)"
SAME = "q1 = Identity(q0) k1 = Identity(k0)"


def attention(early: str = SAME, late: str = "m = MatMul(q, k) p = Mul(m, s)", mean: str = MEAN, **weights):
    weights = {"wq": (6, 6), "wk": (6, 6), "wv": (6, 6), **weights}
    data = ", float[1,2,7,7] mask" if "mask" in late and "mask" not in weights else ""
    return network(
        f"net (float[1,7,6] x{data}) => (float[] y) {{ {START} {early} {HEADS} {late} {mean} {END} }}", **weights
    )


def computing(draft) -> list[str]:
    """Operators that compute; Reshapes and Transposes are looked through when networks are compared."""
    return [kind for kind in kinds(draft) if kind not in ("Reshape", "Transpose")]


@pytest.mark.parametrize(
    ("early", "late"),
    [
        (SAME, "m = MatMul(q, k) p = Mul(m, s)"),
        (SAME, "m = MatMul(q, k) p = Mul(s, m)"),
        (SAME, "m = MatMul(q, k) p = Div(m, d)"),
        ("q1 = Mul(q0, s) k1 = Identity(k0)", "p = MatMul(q, k)"),
        ("q1 = Identity(q0) k1 = Div(k0, d)", "p = MatMul(q, k)"),
        (SAME, "qs = Mul(q, r) ks = Mul(r, k) p = MatMul(qs, ks)"),
        ("q1 = Mul(q0, r) k1 = Identity(k0)", "m = MatMul(q, k) p = Mul(m, r)"),
        ("q1 = Mul(q0, s) k1 = Div(k0, d)", "m = MatMul(q, k) p = Mul(m, d)"),
    ],
)
def test_there_is_one_scale_and_it_is_on_the_product(early, late):
    draft = proven(attention(early, late))
    assert sorted(computing(draft)) == PLAIN
    scale = next(op for op in draft.ops if op.op == "Mul")
    tensor, number = sorted(scale.inputs, key=lambda name: name in draft.constants)
    assert draft.maker(tensor).op == "MatMul"
    assert draft.number(number) == pytest.approx(3**-0.5, rel=1e-5)


def test_a_scale_without_a_value_moves_as_well():
    early = "q1 = Mul(q0, z) k1 = Div(k0, z)"
    draft = proven(attention(early, "m = MatMul(q, k) p = Mul(m, s)", z=(1,)))
    assert sorted(computing(draft)) == PLAIN


SWAPPED = """kt = Transpose <perm = [0,1,3,2]> (k) qt = Transpose <perm = [0,1,3,2]> (q) m = MatMul(kt, qt)
             p = Mul(m, s)"""


@pytest.mark.parametrize(
    "mean",
    [
        "b = Softmax <axis = 2> (p) a = Transpose <perm = [0,1,3,2]> (b) o = MatMul(a, v)",
        """a = Softmax <axis = 2> (p) vt = Transpose <perm = [0,1,3,2]> (v) ot = MatMul(vt, a)
           o = Transpose <perm = [0,1,3,2]> (ot)""",
        'a = Softmax <axis = 2> (p) o = Einsum <equation = "bhts,bhtd->bhsd"> (a, v)',
    ],
)
def test_softmax_along_the_last_axis_of_the_product_of_queries_and_keys(mean):
    draft = proven(attention(late=SWAPPED, mean=mean))
    assert sorted(computing(draft)) == PLAIN
    softmax = next(op for op in draft.ops if op.op == "Softmax")
    assert softmax.attributes["axis"] == len(draft.whole(softmax.inputs[0])) - 1
    first, second = (op for op in draft.ops if op.op == "MatMul")
    assert [draft.whole(name)[-2:] for name in first.inputs] == [(7, 3), (3, 7)]
    assert draft.maker(second.inputs[0]) is softmax
    queries = draft.maker(draft.maker(draft.maker(first.inputs[0]).inputs[0]).inputs[0])
    assert queries.inputs[0] == "x"
    assert "wq" in queries.inputs[1]


def test_a_constant_bias_turns_with_the_product():
    plain = "m0 = MatMul(q, k) m = Mul(m0, s) p = Add(m, bias)"
    turned = SWAPPED.replace("p = Mul(m, s)", "m1 = Mul(m, s) p = Add(m1, bias)")
    mean = "b = Softmax <axis = 2> (p) a = Transpose <perm = [0,1,3,2]> (b) o = MatMul(a, v)"
    one, other = (
        proven(attention(late=plain, bias=(1, 2, 7, 7))),
        proven(attention(late=turned, mean=mean, bias=(2, 7, 7))),
    )
    assert sorted(computing(one)) == sorted(computing(other)) == sorted([*PLAIN, "Add"])


def test_a_mask_that_is_data_stays_where_it_is():
    draft = proven(attention(late="m = MatMul(q, k) n = Mul(m, s) p = Add(n, mask)"))
    assert computing(draft)[-4:] == ["Mul", "Add", "Softmax", "MatMul"]
    turned = SWAPPED.replace("p = Mul(m, s)", "n = Mul(m, s) p = Add(n, mask)")
    draft = proven(attention(late=turned, mean=MEAN.replace("-1", "2")))
    assert next(op for op in draft.ops if op.op == "Softmax").attributes["axis"] == 2


@pytest.mark.parametrize(
    "late",
    [
        "qs = Mul(q, s) m = MatMul(qs, k) t = ReduceMax <axes = [3]> (qs) p = Add(m, t)",  # others see it scaled
        "qs = Mul(q, z) p = MatMul(qs, k)",  # a scale per head
        "kt = Transpose <perm = [0,1,3,2]> (k) qs = Mul(q, kt) p = MatMul(qs, k)",  # not a scale
    ],
)
def test_what_is_no_scale_of_the_product_stays_before_it(late):
    draft = proven(attention(late=late, z=(2, 1, 1)))
    operators = computing(draft)
    assert operators.index("Mul") < operators.index("MatMul")


def test_a_scaled_tensor_times_itself_is_scaled_twice():
    model = network(
        "net (float[4,4] x) => (float[] y) { c = Constant <value_float = 3.0> () a = Mul(x, c) y = MatMul(a, a) }"
    )
    assert kinds(proven(model)) == ["Mul", "MatMul"]


@pytest.mark.parametrize("wrong", ["scale", "order", "axis"])
def test_the_proof_catches_a_wrong_rewrite(wrong):
    """Not a test of the pass but of what proves it: a draft that computes something else is found out."""
    model = attention()
    graph = from_proto(model, "test")
    draft = normalise(graph)
    assert error(model, graph, draft) < TOLERANCE
    if wrong == "scale":
        op = next(op for op in draft.ops if op.op == "Mul")
        other = draft.new_constant(op.inputs[1], np.array(0.5, np.float32))
        draft.rewrite(op, "Mul", [op.inputs[0], other])
    elif wrong == "order":
        q, k = (op for op in draft.ops if op.op == "Gemm" and op.inputs[1] in ("wq", "wk"))
        weights = q.inputs[1], k.inputs[1]
        draft.rewrite(q, "Gemm", [q.inputs[0], weights[1]])
        draft.rewrite(k, "Gemm", [k.inputs[0], weights[0]])
    else:
        op = next(op for op in draft.ops if op.op == "Softmax")
        draft.rewrite(op, "Softmax", op.inputs, {"axis": 2})
    assert error(model, graph, draft) > TOLERANCE
