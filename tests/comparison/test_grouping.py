"""The same change at several places is one cause: values, counts and shares by hand."""

from __future__ import annotations

from zoodiff.attribution.root import DETAIL, Root
from zoodiff.comparison.grouping import grouped, ranked


def width(left: int, right: int, macs: int = 0) -> Root:
    return Root("changed", "Conv", "out_channels", left, right, macs=macs)


def test_equal_changes_are_one_and_others_are_not() -> None:
    first, other, again = (Root("changed", "Conv", "strides", [1, 1], right) for right in ([2, 2], [3, 3], [2, 2]))
    assert grouped([first, other, again]) == [[first, again], [other]]


def test_widths_are_one_change_where_they_grow_by_one_factor() -> None:
    half, quarter, double = width(64, 32), width(128, 64), width(64, 128)
    assert grouped([half, double, quarter]) == [[half, quarter], [double]]


def test_every_block_is_a_change_of_its_own() -> None:
    blocks = [Root("missing", "Block", "layer", ["Conv", "Relu"]) for _ in range(2)]
    assert grouped(blocks) == [[blocks[0]], [blocks[1]]]


def test_a_cause_adds_up_its_places() -> None:
    [(cause, roots)] = ranked([width(64, 32, -5), width(128, 64, -7)])
    assert (cause.count, cause.macs_delta, len(roots)) == (2, -12, 2)
    assert cause.left is not None
    assert cause.right is not None
    assert (cause.left.value, cause.right.value) == ([64, 128], [32, 64])
    assert cause.words == "convolution: width 64 to 128 against 32 to 64 (x 0.5) at 2 places"


def test_the_gravest_comes_first() -> None:
    """The input before all, then by what they cost, details last."""
    detail = Root("changed", "BatchNormalization", "epsilon", 1e-5, 1e-3, group=DETAIL, macs=10**9)
    small, large = width(8, 9, 1), width(8, 4, -1000)
    given = Root("input", "Input", "input_shape", [1, 3, 8, 8], [1, 3, 9, 9])
    assert [roots[0] for _, roots in ranked([detail, small, large, given])] == [given, large, small, detail]
