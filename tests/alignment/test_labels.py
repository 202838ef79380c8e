"""Labels: from tier to tier, fewer and fewer differences between two steps tell them apart."""

from __future__ import annotations

import pytest

from networks import network
from zoodiff.alignment.labels import TIERS, label
from zoodiff.reading.reference import find
from zoodiff.reducing.net import Step
from zoodiff.reducing.reduce import build


def step(operator: str, **weights: tuple[int, ...]) -> Step:
    """The only step of a network that has this operator from `x` to `y`."""
    [found] = build(find(network(f"net (float[1,4,8,8] x) => (float[] y) {{ {operator} }}", **weights)).graph()).steps
    return found


PLAIN = step("y = Conv<pads = [1, 1, 1, 1]>(x, w)", w=(4, 4, 3, 3))


@pytest.mark.parametrize(
    ("other", "tier"),
    [
        (step("y = Conv<pads = [1, 1, 1, 1]>(x, v)", v=(4, 4, 3, 3)), 0),
        (step("y = Conv<pads = [1, 1, 1, 1]>(x, w)", w=(5, 4, 3, 3)), 1),
        (step("y = Conv<pads = [1, 1, 1, 1]>(x, w, b)", w=(4, 4, 3, 3), b=(4,)), 2),
        (step("y = Conv(x, w)", w=(4, 4, 3, 3)), 2),
        (step("y = Conv<pads = [1, 1, 1, 1], strides = [2, 2]>(x, w)", w=(4, 4, 3, 3)), 3),
        (step("y = Conv<pads = [2, 2, 2, 2], dilations = [2, 2]>(x, w)", w=(4, 4, 3, 3)), 3),
        (step("y = Conv<pads = [2, 2, 2, 2]>(x, w)", w=(4, 4, 5, 5)), 4),
        (step("y = Conv<pads = [1, 1, 1, 1], group = 2>(x, w)", w=(4, 2, 3, 3)), 4),
        (step("y = Conv<pads = [1, 1, 1, 1], group = 4>(x, w)", w=(4, 1, 3, 3)), TIERS),
        (step("y = MaxPool<kernel_shape = [3, 3], pads = [1, 1, 1, 1]>(x)"), TIERS),
    ],
    ids=["name", "width", "bias", "padding", "stride", "dilation", "kernel", "groups", "depthwise", "operator"],
)
def test_two_steps_are_the_same_from_a_tier_on(other: Step, tier: int) -> None:
    same = [label(PLAIN, at) == label(other, at) for at in range(TIERS)]
    assert same == [at >= tier for at in range(TIERS)]


def test_operators_of_one_kind_are_the_same_by_kind_alone() -> None:
    one, other = step("y = Relu(x)"), step("y = Sigmoid(x)")
    assert [label(one, at) == label(other, at) for at in range(TIERS)] == [False] * 4 + [True]
