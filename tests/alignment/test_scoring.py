"""Scores: what labels that agree are worth, added up by hand."""

from __future__ import annotations

import numpy as np
import pytest

from networks import network
from zoodiff.alignment.matching import Matching
from zoodiff.alignment.scoring import opening, scores
from zoodiff.reading.reference import find
from zoodiff.reducing.net import Net
from zoodiff.reducing.reduce import build


def net(text: str, **weights: tuple[int, ...]) -> Net:
    return build(find(network(f"net (float[1,4,8,8] x) => (float[] y) {{ {text} }}", **weights)).graph())


CONVOLUTION = net("y = Conv(x, w)", w=(4, 4, 1, 1))


@pytest.mark.parametrize(
    ("left", "right", "score"),
    [
        (CONVOLUTION, CONVOLUTION, 3 * (1 + 2 + 2 + 1 + 2 + 1 + 1)),
        (CONVOLUTION, net("y = Conv(x, w)", w=(6, 4, 1, 1)), 3 * (1 + 2 + 2 + 1 + 1)),
        (CONVOLUTION, net("y = Conv<strides = [2, 2]>(x, w)", w=(4, 4, 1, 1)), 3 * (1 + 2 + 1)),
        (CONVOLUTION, net("y = Conv(x, w)", w=(4, 4, 3, 3)), 3 * (1 + 1)),
        (net("y = Relu(x)"), net("y = Relu(x)"), 10),
        (net("y = Relu(x)"), net("y = Tanh(x)"), 1 + 1 + 1),
        (net("y = Relu(x)"), CONVOLUTION, -np.inf),
    ],
    ids=["same", "width", "stride", "kernel", "activation", "kind", "nothing"],
)
def test_a_pair_is_worth_what_its_labels_are(left: Net, right: Net, score: float) -> None:
    assert scores(Matching(left, right), [0], [0]).tolist() == [[score]]


def test_rows_are_the_left_steps_and_columns_the_right_ones() -> None:
    two, three = net("a = Relu(x) y = Tanh(a)"), net("a = Tanh(x) b = Tanh(a) y = Relu(b)")
    table = scores(Matching(two, three), [0, 1], [0, 1, 2])
    assert table.tolist() == [[3, 3, 10], [10, 10, 3]]


def test_a_gap_is_cheapest_to_open_where_a_block_starts() -> None:
    block = net("a = Conv(x, w) b = Relu(a) c = Conv(b, w) d = Relu(c) y = Add(b, d)", w=(4, 4, 1, 1))
    side = Matching(block, block).a
    [last] = [step for step in side.steps if step.op == "Relu" and step.index > 2]
    [fork] = [step.index for step in side.steps if len(step.readers) > 1]
    within = next(reader for reader, _ in side.steps[fork].readers if side.steps[reader].op == "Conv")
    assert opening(side, [within, last.index]).tolist() == [6 - 2 * 2, 6]
