"""What is computed on the way gives the shapes that onnxruntime really produces; what onnx refuses stays unknown."""

from __future__ import annotations

import pytest
from onnx import TensorProto, helper

from networks import network
from shaped import agrees, inferred

CASES = {
    "flatten through its shape": """net (float[N,3,32,32] x) => (float[] y) {
        c = Conv (x, w)
        p = GlobalAveragePool (c)
        s = Shape (p)
        n = Gather <axis=0> (s, zero)
        n1 = Unsqueeze (n, first)
        to = Concat <axis=0> (n1, minus)
        y = Reshape (p, to)
    }""",
    "tokens of a vision transformer": """net (float[N,3,32,32] x) => (float[] y) {
        c = Conv <kernel_shape=[3,3], strides=[3,3]> (x, w)
        s = Shape (c)
        n = Slice (s, first, one1)
        ch = Slice (s, one1, two1)
        side = Slice (s, two1, four1)
        area = ReduceProd <keepdims=1> (side)
        to = Concat <axis=0> (n, ch, area)
        r = Reshape (c, to)
        y = Transpose <perm=[0,2,1]> (r)
    }""",
    "a class token by ConstantOfShape and Expand": """net (float[N,3,32,32] x) => (float[] y) {
        c = Conv <kernel_shape=[3,3], strides=[3,3]> (x, w)
        r = Reshape (c, flat)
        t = Transpose <perm=[0,2,1]> (r)
        s = Shape (t)
        n = Slice (s, first, one1)
        tail = Slice (s, two1, four1)
        to = Concat <axis=0> (n, one1, tail)
        blank = ConstantOfShape <value: tensor = float[1] {0.5}> (to)
        token = Expand (half, to)
        both = Add (blank, token)
        y = Concat <axis=1> (both, t)
    }""",
    "split and window partition": """net (float[1,8,8,6] x) => (float[] y) {
        a, b = Split <axis=3> (x)
        s = Shape (a)
        h = Gather (s, one)
        w2 = Div (h, two)
        wu = Unsqueeze (w2, first)
        to = Concat <axis=0> (one1, two1, wu, two1, wu, minus)
        r = Reshape (a, to)
        y = Transpose <perm=[0,1,3,2,4,5]> (r)
    }""",
    "resize by sizes computed": """net (float[1,2,5,7] x) => (float[] y) {
        s = Shape <start=2> (x)
        t = Mul (s, two)
        head = Shape <start=0, end=2> (x)
        to = Concat <axis=0> (head, t)
        y = Resize <mode="nearest"> (x, , , to)
    }""",
    "pad by amounts computed": """net (float[1,2,5,7] x) => (float[] y) {
        s = Shape (x)
        half = Div (s, two)
        none = Sub (s, s)
        pads = Concat <axis=0> (none, half)
        y = Pad (x, pads)
    }""",
}


@pytest.mark.parametrize("text", CASES.values(), ids=CASES)
def test_shapes_are_those_of_onnxruntime(text: str) -> None:
    agrees(text)


@pytest.mark.parametrize("opset", range(1, 6))
def test_the_first_opsets_that_onnx_infers_nothing_of(opset: int) -> None:
    """Relu and the like keep their input's shape, Add its first operand's; the shape of Reshape was an attribute."""
    model = network(
        """net (float[1,3,9,9] x) => (float[] y) {
            c = Conv <kernel_shape=[3,3]> (x, w)
            n = BatchNormalization (c, s, s, s, s)
            r = Relu (n)
            a = Add <broadcast=1, axis=1> (r, s)
            m = MaxPool <kernel_shape=[7,7]> (a)
            d = Dropout (m)
            y = Softmax (f)
        }""",
        opset=opset,
        w=(4, 3, 3, 3),
        s=(4,),
    )
    flat = (
        helper.make_node("Reshape", ["d"], ["f"], shape=[1, -1])
        if opset < 5
        else helper.make_node("Reshape", ["d", "to"], ["f"])
    )
    model.graph.node.insert(6, flat)
    model.graph.initializer.append(helper.make_tensor("to", TensorProto.INT64, (2,), (1, -1)))
    found = inferred(model)
    assert [found[name] for name in "cnra"] == [(1, 4, 7, 7)] * 4
    assert [found[name] for name in "mdfy"] == [(1, 4, 1, 1), (1, 4, 1, 1), (1, 4), (1, 4)]


def test_an_operator_that_nobody_knows_leaves_its_shape_unknown() -> None:
    model = network("net (float[1,4] x) => (float[] y) { u = own.Strange (x) y = Relu (u) }")
    model.opset_import.append(helper.make_opsetid("own", 1))
    assert inferred(model).get("y") in (None, ())
