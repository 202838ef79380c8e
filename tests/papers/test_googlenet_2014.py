"""GoogLeNet: the rows of the paper's table 1, sizes and operations, and which of them do not fit its widths."""

from __future__ import annotations

import math

import pytest

from zoodiff.measuring.measurement import measure
from zoodiff.reading.reference import find

ROWS = {
    "3a": (28, 256, 159, 128),
    "3b": (28, 480, 380, 304),
    "4a": (14, 512, 364, 73),
    "4b": (14, 512, 437, 88),
    "4c": (14, 512, 463, 100),
    "4d": (14, 528, 580, 119),
    "4e": (14, 832, 840, 170),
    "5a": (7, 832, 1072, 54),
    "5b": (7, 1024, 1388, 71),
}
"""Size, width, params in K, ops in M."""


def weights(name: str) -> int:
    """The weights of a module's convolutions."""
    constants = find("paper:googlenet").graph().constants.values()
    return sum(math.prod(c.shape) for c in constants if c.name.startswith(f"inception_{name}/") and len(c.shape) == 4)


@pytest.mark.parametrize("name", ROWS)
def test_a_row(name: str) -> None:
    size, width, _, ops = ROWS[name]
    assert find("paper:googlenet").graph().shape(f"inception_{name}/concat1") == (1, width, size, size)
    fits = abs(weights(name) * size * size / 1e6 - ops) < 1
    assert fits == (name != "5a"), "the row that the paper's file names"


def test_parameters_of_the_rows_that_do_not_fit() -> None:
    off = {name: abs(weights(name) / 1024 / params - 1) for name, (*_, params, _) in ROWS.items()}
    assert [name for name, share in off.items() if share > 0.025] == ["4c", "5a"]


def test_auxiliary_classifiers_are_for_training_alone() -> None:
    trained = find("paper:googlenet-training").graph()
    assert [value.name for value in trained.outputs] == ["softmax1", "auxiliary_4a/softmax1", "auxiliary_4d/softmax1"]
    assert trained.shape("auxiliary_4a/pool1") == (1, 512, 4, 4)
    assert trained.shape("auxiliary_4d/pool1") == (1, 528, 4, 4)
    assert len(find("paper:googlenet").graph().outputs) == 1


def test_with_rounding_up_it_costs_what_caffes_costs() -> None:
    """The network definition that Caffe's model zoo has: 1582.67 million multiply-adds."""
    assert round(measure("paper:googlenet").counts.macs.value / 1e6, 2) == 1582.67
