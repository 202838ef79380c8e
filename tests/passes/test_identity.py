from __future__ import annotations

import pytest

from networks import network
from proof import kinds, proven


@pytest.mark.parametrize(
    "text",
    [
        "a = Identity(x)",
        "a = Dropout(x)",
        "k = Constant <value_float = 1.0> () a = Mul(k, x)",
        "k = Constant <value_float = 0.0> () a = Sub(x, k)",
        "k = Constant <value_ints = [0,0,0,0,0,0,0,0]> () a = Pad(x, k)",
        "a = MaxPool <kernel_shape = [1,1]> (x)",
        "a = Cast <to = 1> (x)",
        "a = Concat <axis = 1> (x)",
        "a = Transpose <perm = [0,1,2,3]> (x)",
    ],
)
def test_what_changes_nothing_goes(text):
    draft = proven(network(f"net (float[1,3,4,4] x) => (float[] y) {{ {text} y = Sin(a) }}"))
    assert kinds(draft) == ["Sin"]


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("a = MaxPool <kernel_shape = [1,1], strides = [2,2]> (x)", ()),
        ("a = Mul(x, w)", (4,)),  # a vector that may be all ones is a weight
        ("k = Constant <value_float = 1.0> () a = Div(k, x)", ()),
    ],
)
def test_what_changes_something_stays(text, shape):
    draft = proven(network(f"net (float[1,3,4,4] x) => (float[] y) {{ {text} y = Sin(a) }}", w=shape or (4,)))
    assert len(draft.ops) == 2
