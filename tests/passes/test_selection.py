from __future__ import annotations

import pytest

from networks import network
from proof import kinds, proven


def body(text: str, shape: str = "1,7,6"):
    return proven(network(f"net (float[{shape}] x) => (float[] y) {{ {text} }}"))


def sliced(starts: list[int], ends: list[int], axes: list[int], source: str = "x", result: str = "y") -> str:
    given = {"s": starts, "e": ends, "a": axes}
    constants = " ".join(f"{n}{result} = Constant <value_ints = {list(v)}> ()" for n, v in given.items())
    return f"{constants} {result} = Slice({source}, s{result}, e{result}, a{result})"


@pytest.mark.parametrize(
    "text",
    [
        "i = Constant <value_int = 0> () y = Gather <axis = 1> (x, i)",
        "i = Constant <value_int = -7> () y = Gather <axis = -2> (x, i)",
        "i = Constant <value_ints = [0]> () a = Gather <axis = 1> (x, i) k = Constant <value_ints = [1]> () "
        "y = Squeeze(a, k)",
        sliced([0, 0], [2147483647, 1], [0, 1], result="b") + " k = Constant <value_ints = [1]> () y = Squeeze(b, k)",
        sliced([-7], [-6], [-2], result="b") + " k = Constant <value_ints = [1]> () y = Squeeze(b, k)",
    ],
)
def test_one_token_is_taken_in_one_way(text):
    draft = body(text)
    assert kinds(draft) == ["Slice", "Reshape"]
    assert draft.ops[0].attributes == {"starts": (0,), "ends": (1,), "axes": (1,)}
    assert draft.whole(draft.outputs[0]) == (1, 6)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (sliced([0], [99], [1]), []),
        (sliced([-3, 0], [99, -2], [2, 1]), [{"axes": (1, 2), "starts": (0, 3), "ends": (5, 6)}]),
    ],
)
def test_bounds_are_plain_numbers(text, expected):
    assert [op.attributes for op in body(f"{text}").ops] == expected


@pytest.mark.parametrize(
    "text",
    [
        "i = Constant <value_ints = [3,0]> () y = Gather <axis = 1> (x, i)",
        "i = Constant <value_ints = [0,1,2,3,4,5,6]> () y = Gather <axis = 1> (x, i)",
    ],
)
def test_several_indices_stay_a_gather(text):
    assert kinds(body(text)) == ["Gather"]


def test_steps_other_than_1_stay():
    text = """s = Constant <value_ints = [6]> () e = Constant <value_ints = [-99]> () a = Constant <value_ints = [1]> ()
              t = Constant <value_ints = [-1]> () y = Slice(x, s, e, a, t)"""
    draft = body(text)
    assert draft.ops[0].attributes == {"starts": (6,), "ends": (-99,), "axes": (1,), "steps": (-1,)}
