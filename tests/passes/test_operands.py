from __future__ import annotations

import pytest

from networks import network
from proof import proven
from zoodiff.readers.onnx import from_proto
from zoodiff.reducing.normalise import normalise


def test_both_opsets_say_the_same():
    new = (
        "s = Constant <value_ints = [1]> () e = Constant <value_ints = [3]> () a = Constant <value_ints = "
        "[2]> () y = Slice(x, s, e, a)"
    )
    old = "y = Slice <starts = [1], ends = [3], axes = [2]> (x)"
    made = [
        proven(network(f"net (float[1,3,4,4] x) => (float[] y) {{ {text} }}", opset=opset)).ops[0]
        for text, opset in ((new, 17), (old, 9))
    ]
    assert made[0].attributes == made[1].attributes == {"starts": (1,), "ends": (3,), "axes": (2,)}
    assert made[0].inputs == made[1].inputs == ["x"]


def test_what_is_computed_at_run_time_stays_an_operand():
    text = "net (float[1,3] x, float m) => (float[] y) { y = Clip(x, m) }"
    op = proven(network(text)).ops[0]
    assert op.inputs == ["x", "m"]
    assert op.attributes == {}


@pytest.mark.parametrize(
    ("bound", "moved"), [("float m = {2}", True), ("float[1] m = {2}", True), ("float[2] m = {1, 2}", False)]
)
def test_a_bound_is_one_number_however_it_is_written(bound: str, moved: bool) -> None:
    draft = normalise(from_proto(network(f"net (float[1,2] x) => (float[] y) <{bound}> {{ y = Clip(x, m) }}"), "f"))
    (op,) = draft.ops
    assert (op.inputs, op.attributes) == ((["x"], {"min": 2.0}) if moved else (["x", "m"], {}))
