"""A row bears the marks and numbers of the differences that it is part of, and says where sizes and blocks begin."""

from __future__ import annotations

from networks import network
from zoodiff.comparison.cells import Cell
from zoodiff.comparison.difference import Difference
from zoodiff.comparison.diffing import diff
from zoodiff.comparison.rows import ALIKE, CHANGED, MISSING
from zoodiff.comparison.sidebyside import lay


def tensor(cell: Cell | None) -> str | None:
    return None if cell is None else dict(cell.facts).get("tensor", dict(cell.facts).get("input"))


def test_marks_and_numbers_are_those_of_the_differences(pair: tuple[Difference, Difference]) -> None:
    for difference in pair:
        picture = lay(difference)
        for row in picture.rows:
            assert (row.left is None) <= (row.mark not in (ALIKE, CHANGED, MISSING))
            groups = {difference.differences[number - 1].group for number in row.causes}
            assert "detail" not in groups
            assert (row.mark == CHANGED) <= bool(groups)
            assert (row.mark == ALIKE) <= (not groups)
        for number, cause in enumerate(difference.differences, start=1):
            named = {name for side in (cause.left, cause.right) if side for name in side.nodes}
            here = [row for row in picture.rows if number in row.causes + row.details]
            shown = {tensor(cell) for row in here for cell in (row.left, row.right)}
            assert named <= shown, cause.words
            assert picture.places(number)


def test_residual_blocks_begin_where_they_are() -> None:
    picture = lay(diff("torchvision:resnet50", "torchvision:resnet50"))
    assert sum(row.block for row in picture.rows) == 3 + 4 + 6 + 3
    assert [row.entry for row in picture.rows].count(True) == 1


def test_rows_at_other_sizes_are_told() -> None:
    text = "net (float[1,3,8,8] x) => (float[] y) { a = Relu (x) y = MaxPool <kernel_shape = [2, 2], strides = S> (a) }"
    made = [network(text.replace("S>", f"[{stride}, {stride}]>")) for stride in (1, 2)]
    picture = lay(diff(*made))
    assert [(row.mark, row.resized) for row in picture.rows] == [(ALIKE, False), (ALIKE, False), (CHANGED, True)]
