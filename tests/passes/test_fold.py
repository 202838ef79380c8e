from __future__ import annotations

from networks import network
from proof import kinds, proven


def body(text: str, opset: int = 17, **weights: tuple[int, ...]):
    return proven(network(f"net (float[2,6] x) => (float[] y) {{ {text} }}", opset=opset, **weights))


def test_shape_chains_become_numbers():
    text = """s = Shape(x) i = Constant <value_ints = [0]> () n = Gather(s, i) m = Constant <value_ints = [-1, 3]> ()
              t = Concat <axis = 0> (n, m) y = Reshape(x, t)"""
    draft = body(text)
    assert kinds(draft) == ["Reshape"]
    assert draft.ops[0].attributes == {"shape": (2, 2, 3)}


def test_what_is_done_to_weights_is_a_weight():
    draft = body("t = Transpose(w) s = Sqrt(v) u = Mul(t, s) y = MatMul(x, u)", w=(4, 6), v=(4,))
    assert kinds(draft) == ["Gemm"]
    assert [op.op for op in draft.prologue] == ["Transpose", "Sqrt", "Mul"]


def test_random_numbers_are_not_constants():
    from zoodiff.readers.onnx import from_proto
    from zoodiff.reducing.normalise import normalise

    text = "net (float[2,6] x) => (float[] y) { r = RandomNormal <shape = [2,6]> () y = Add(x, r) }"
    assert kinds(normalise(from_proto(network(text), "test"))) == ["RandomNormal", "Add"]
