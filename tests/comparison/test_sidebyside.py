"""Two networks side by side: all that is read stands above, folds are told in words, and the reverse is the same."""

from __future__ import annotations

from zoodiff.comparison.cells import Cell
from zoodiff.comparison.difference import Difference
from zoodiff.comparison.diffing import diff
from zoodiff.comparison.rows import ADDED, ALIKE, CHANGED, MISSING
from zoodiff.comparison.sidebyside import Picture, lay


def tensor(cell: Cell | None) -> str | None:
    return None if cell is None else dict(cell.facts).get("tensor", dict(cell.facts).get("input"))


def names(picture: Picture, side: str) -> list[str | None]:
    return [tensor(cell) for row in picture.rows if (cell := getattr(row, side)) is not None]


def test_every_operator_stands_in_one_row(pair: tuple[Difference, Difference]) -> None:
    for difference in pair:
        picture, aligned = lay(difference), difference.aligned
        nets = (aligned.right, aligned.left) if aligned.turned else (aligned.left, aligned.right)
        for side, net in zip(("left", "right"), nets, strict=True):
            there = [step.name for step in (*net.preprocessing, *net.steps, *net.head)]
            assert sorted(map(str, names(picture, side))) == sorted([*there, *(given.name for given in net.inputs)])


def test_everything_that_is_read_stands_above(pair: tuple[Difference, Difference]) -> None:
    difference = pair[0]
    picture = lay(difference)
    nets = (difference.aligned.left, difference.aligned.right)
    for column, net in zip((picture.left, picture.right), nets[:: -1 if difference.aligned.turned else 1], strict=True):
        assert all(wire.start < stop for wire in column.wires for stop in wire.stops)
        reads = {(source, step.index) for step in net.steps for source, _ in step.inputs if source >= 0}
        drawn = len(column.chained) + sum(len(wire.stops) for wire in column.wires)
        assert drawn >= len(reads)


def test_the_reverse_is_the_same_turned_round(pair: tuple[Difference, Difference]) -> None:
    there, back = (lay(difference) for difference in pair)
    assert {(tensor(row.left), tensor(row.right)) for row in there.rows} == {
        (tensor(row.right), tensor(row.left)) for row in back.rows
    }
    assert names(there, "left") == names(back, "right")
    assert names(there, "right") == names(back, "left")
    turned = {MISSING: ADDED, ADDED: MISSING}
    assert sorted(row.mark for row in there.rows) == sorted(turned.get(row.mark, row.mark) for row in back.rows)


def test_a_network_against_itself_is_one_fold() -> None:
    picture = lay(diff("torchvision:resnet50", "torchvision:resnet50"))
    assert len(picture.spans) == 1
    assert picture.words(picture.spans[0]) == f"{len(picture.rows) - 1} operators, 16 blocks alike"


def test_a_change_that_repeats_folds_after_some_places() -> None:
    difference = diff("torchvision:mnasnet0_5", "torchvision:mnasnet1_0")
    picture = lay(difference)
    assert any("of them as above" in picture.words(span) for span in picture.spans if span.folded)
    assert len(picture.spans) < len(picture.rows)


def test_a_fold_of_one_side_names_it() -> None:
    small, large = "torchvision:resnet18", "torchvision:resnet101"
    there, back = lay(diff(small, large)), lay(diff(large, small))
    for picture, side in ((there, "right"), (back, "left")):
        words = [picture.words(span) for span in picture.spans if span.folded and span.mark in (MISSING, ADDED)]
        assert words
        assert all(told.endswith(f" only {side}") for told in words)


def test_what_stands_in_anothers_place_is_one_changed_row(replaced: Difference) -> None:
    picture = lay(replaced)
    (row,) = [row for row in picture.rows if row.mark != ALIKE]
    assert row.mark == CHANGED
    assert [cell and cell.parts[0].text for cell in (row.left, row.right)] == ["Conv", "MaxPool"]
    assert picture.left.wires == picture.right.wires
    assert [(wire.start, wire.stops) for wire in picture.left.wires] == [(1, (5,)), (4, (6,))]
