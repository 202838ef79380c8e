from __future__ import annotations

from networks import network
from proof import kinds, proven

THREE = "net (float[1,2,3,3] x, float[1,3,3,3] a, float[1,4,3,3] b) => (float[] y)"


def test_chained_concatenations_are_one_in_their_order():
    flat = proven(network(f"{THREE} {{ y = Concat <axis = 1> (x, a, b) }}"))
    for text in (
        "c = Concat <axis = 1> (x, a) y = Concat <axis = -3> (c, b)",
        "c = Concat <axis = 1> (a, b) y = Concat <axis = 1> (x, c)",
    ):
        draft = proven(network(f"{THREE} {{ {text} }}"))
        assert kinds(draft) == ["Concat"]
        assert draft.ops[0].inputs == flat.ops[0].inputs


def test_one_that_others_read_is_kept_for_them():
    text = f"{THREE[:-1]}, float[] z) {{ c = Concat <axis = 1> (x, a) y = Concat <axis = 1> (c, b) z = Relu(c) }}"
    draft = proven(network(text))
    assert sorted(kinds(draft)) == ["Concat", "Concat", "Relu"]
    assert max(len(op.inputs) for op in draft.ops) == 3


def test_other_axes_stay_apart():
    text = "net (float[1,2,3,3] x) => (float[] y) { c = Concat <axis = 1> (x, x) y = Concat <axis = 2> (c, c) }"
    assert kinds(proven(network(text))) == ["Concat", "Concat"]


def test_a_sum_is_a_chain_of_additions():
    two = proven(network("net (float[2,3] x, float[2,3] a) => (float[] y) { y = Sum(x, a) }"))
    assert kinds(two) == ["Add"]
    text = "net (float[2,3] x, float[2,3] a, float[2,3] b) => (float[] y) { y = Sum(x, a, b) }"
    three = proven(network(text))
    assert kinds(three) == ["Add", "Add"]
    assert [three.ops[0].inputs, three.ops[1].inputs[1]] == [["x", "a"], "b"]


def test_a_sum_that_broadcasts_stays():
    assert kinds(proven(network("net (float[2,3] x, float[3] a) => (float[] y) { y = Sum(x, a) }"))) == ["Sum"]
