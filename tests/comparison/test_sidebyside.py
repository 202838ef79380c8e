"""Two networks side by side: every operator once, in an order in which it can run, marked by what differs."""

from __future__ import annotations

import onnx
import pytest

from networks import network
from zoodiff.comparison.difference import Difference
from zoodiff.comparison.diffing import diff
from zoodiff.comparison.sidebyside import ADDED, ALIKE, CHANGED, MISSING, Cell, Picture, lay

PAIRS = [
    ("torchvision:resnet50", "keras:ResNet50"),
    ("gluon:squeezenet1.0", "gluon:squeezenet1.1"),
    ("torchvision:resnet18", "torchvision:resnet34"),
    ("torchvision:googlenet", "tfmg:inception_v1"),
    ("keras:ResNet50V2", "tfmg:resnet_v2_50"),
    ("torchvision:mobilenet_v2", "torchvision:resnet50"),
    ("torchvision:vit_b_16", "torchvision:swin_t"),
    ("torchvision:densenet121", "keras:DenseNet121"),
    ("torchvision:regnet_y_32gf", "torchvision:regnet_y_16gf"),
]


@pytest.fixture(scope="module", params=PAIRS, ids=" ".join)
def pair(request: pytest.FixtureRequest) -> tuple[Difference, Difference]:
    """A difference, and the other way round."""
    one, other = request.param
    return diff(one, other), diff(other, one)


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


def test_spans_hold_every_row_once_and_hide_no_first_place(pair: tuple[Difference, Difference]) -> None:
    for difference in pair:
        picture = lay(difference)
        assert [at for span in picture.spans for at in range(span.start, span.stop)] == list(range(len(picture.rows)))
        single = {span.start for span in picture.spans if not span.folded}
        for number, cause in enumerate(difference.differences, start=1):
            first = picture.places(number)[0]
            assert cause.group == "detail" or first in single or picture.rows[first].mark in (MISSING, ADDED)


def test_a_network_against_itself_is_one_fold() -> None:
    picture = lay(diff("torchvision:resnet50", "torchvision:resnet50"))
    assert len(picture.spans) == 1
    assert picture.words(picture.spans[0]) == f"{len(picture.rows) - 1} operators, 16 blocks alike"


CHAIN = """net (float[1,8,16,16] x) => (float[] y) {
  a = Conv <pads = [1, 1, 1, 1]> (x, u)
  b = Relu (a)
  c = CONV (b, v)
  d = Relu (c)
  e = GlobalAveragePool (d)
  y = Flatten (e)
}"""


def chain(conv: str, **weights: tuple[int, ...]) -> onnx.ModelProto:
    return network(CHAIN.replace("CONV", conv), u=(8, 8, 3, 3), **({"v": (8, 8, 3, 3)} | weights))


def test_a_changed_row_says_what_differs() -> None:
    picture = lay(diff(chain("Conv <pads = [1, 1, 1, 1]>"), chain("Conv <pads = [1, 1, 1, 1], strides = [2, 2]>")))
    (row,) = [row for row in picture.rows if row.mark == CHANGED]
    assert row.left is not None
    assert row.right is not None
    assert (row.left.text, row.right.text) == ("Conv 3x3, 8, /1", "Conv 3x3, 8, /2")
    assert [part.text for part in row.right.parts if part.differs] == ["/2"]
    assert (row.left.shape, row.right.shape) == ("8x16x16", "8x8x8")
    assert [row.resized for row in picture.rows] == [False, False, False, True, True, False]


BLOCK = """net (float[1,8,16,16] x) => (float[] y) {
  a = Relu (x)
  b = Conv <pads = [1, 1, 1, 1], strides = [2, 2]> (a, u)
  c = Relu (b)
  d = Conv <pads = [1, 1, 1, 1]> (c, u)
  s = SHORTCUT
  e = Add (d, s)
  y = Relu (e)
}"""


def test_what_stands_in_anothers_place_faces_it() -> None:
    shortcuts = ("Conv <strides = [2, 2]> (a, v)", "MaxPool <kernel_shape = [1, 1], strides = [2, 2]> (a)")
    left, right = (network(BLOCK.replace("SHORTCUT", s), u=(8, 8, 3, 3), v=(8, 8, 1, 1)) for s in shortcuts)
    picture = lay(diff(left, right))
    (row,) = [row for row in picture.rows if row.mark != ALIKE]
    assert row.mark == CHANGED
    assert [cell and cell.parts[0].text for cell in (row.left, row.right)] == ["Conv", "MaxPool"]
    assert picture.left.wires == picture.right.wires
    assert [(wire.start, wire.stops) for wire in picture.left.wires] == [(1, (5,)), (4, (6,))]


def test_a_change_that_repeats_folds_after_some_places() -> None:
    difference = diff("torchvision:mnasnet0_5", "torchvision:mnasnet1_0")
    picture = lay(difference)
    assert any("of them as above" in picture.words(span) for span in picture.spans if span.folded)
    assert len(picture.spans) < len(picture.rows)
