"""Networks part where they were changed, whether `diff` sees the change or not."""

from __future__ import annotations

import pytest

from spellings import FIRST, TURNED, proven
from zoodiff.comparison.reverse import reverse
from zoodiff.proof.parting import Parting


@pytest.mark.parametrize(
    ("old", "new", "node"),
    [
        ("pads = [1,1,1,1]", "pads = [2,2,0,0]", "a"),
        ("pads = [1,1,1,1]", "pads = [0,0,2,2]", "a"),
        ("epsilon = 0.001", "epsilon = 0.00001", "n"),
        ("Relu(n)", "LeakyRelu(n)", "r"),
        (
            "r = Relu(n)",
            "o = Constant<value = float {0.0}>() i = Constant<value = float {6.0}>() r = Clip(n, o, i)",
            "r",
        ),
    ],
)
def test_a_change_parts_them_at_its_place(old: str, new: str, node: str) -> None:
    difference = proven(FIRST, FIRST.replace(old, new))
    assert isinstance(difference.proof, Parting)
    assert (difference.proof.left, difference.proof.right, difference.proof.told) == (node, node, True)
    assert difference.proof.error is not None
    assert difference.proof.error > 10 * difference.proof.tolerance


def test_a_change_of_size_has_no_error() -> None:
    text = "net (float[1,3,6,6] x) => (float[] y) { a = Conv(x, k, c) g = GlobalAveragePool(a) y = Flatten(g) }"
    proof = proven(text, text.replace("Conv", "Conv<strides = [2,2]>")).proof
    assert isinstance(proof, Parting)
    assert (proof.left, proof.error, proof.told) == ("a", None, True)


def test_a_difference_that_diff_does_not_see_is_found_and_said_so() -> None:
    difference = proven(FIRST, TURNED)
    assert difference.identical
    assert isinstance(difference.proof, Parting)
    assert not difference.proof.told


def test_the_other_way_round_they_part_at_the_same_place() -> None:
    there, back = proven(FIRST, TURNED), proven(TURNED, FIRST)
    assert reverse(there).proof == back.proof
    assert isinstance(there.proof, Parting)
    assert (there.proof.right, there.proof.left) == (back.proof.left, back.proof.right)  # type: ignore[union-attr]
