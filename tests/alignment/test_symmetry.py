"""Symmetry: of branches that are alike, each goes as a whole with one branch of the other network."""

from __future__ import annotations

import random

import pytest

from networks import network
from zoodiff.alignment import symmetry
from zoodiff.alignment.matching import Matching
from zoodiff.alignment.symmetry import any_with_any
from zoodiff.reading.reference import find
from zoodiff.reducing.net import Net
from zoodiff.reducing.reduce import build


def fan(number: int, seed: int) -> Net:
    """Branches of three steps each, all alike, from one step to the outputs, written in any order."""
    lines = [
        line for at in range(number) for line in (f"a{at} = Sin(s)", f"b{at} = Cos(a{at})", f"y{at} = Tanh(b{at})")
    ]
    random.Random(seed).shuffle(lines)
    made, order = {"s"}, []
    while lines:
        line = next(line for line in lines if line.partition("(")[2].rstrip(")") in made)
        made.add(line.partition(" ")[0])
        order.append(line)
        lines.remove(line)
    outputs = ", ".join(f"float[] y{at}" for at in range(number))
    return build(find(network(f"net (float[1,4] x) => ({outputs}) {{ s = Sigmoid(x) {' '.join(order)} }}")).graph())


def classes(matching: Matching, ops: tuple[str, ...]) -> list[tuple[list[int], list[int]]]:
    left, right = (
        [[step.index for step in side.steps if step.op == op] for op in ops] for side in (matching.a, matching.b)
    )
    return list(zip(left, right, strict=True))


@pytest.mark.parametrize("number", [2, 5, 80])
@pytest.mark.parametrize("seed", range(3))
def test_branches_stay_whole(number: int, seed: int) -> None:
    matching = Matching(fan(number, seed), fan(number, seed + 100))
    any_with_any(matching, classes(matching, ("Cos", "Tanh", "Sin")))
    mate = matching.a.mate
    assert sorted(mate[1:]) == list(range(1, 3 * number + 1))
    for step in matching.a.steps:
        if step.op in ("Cos", "Tanh"):
            [(source, _)] = step.inputs
            assert matching.b.steps[mate[step.index]].inputs == ((mate[source], 0),)


def test_what_is_already_paired_decides() -> None:
    """The second branch's last step is paired with the first's: so are the steps above it."""
    matching = Matching(fan(2, 1), fan(2, 1))
    [first, second] = [step.index for step in matching.a.steps if step.op == "Tanh"]
    matching.pair(second, first)
    matching.pair(first, second)
    any_with_any(matching, classes(matching, ("Sin", "Cos")))
    for last, other in ((first, second), (second, first)):
        [(above, _)], [(twin, _)] = matching.a.steps[last].inputs, matching.b.steps[other].inputs
        assert matching.a.mate[above] == twin


def test_among_many_only_some_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """With one choice at a time every step still gets a partner."""
    monkeypatch.setattr(symmetry, "_CHOICE", 1)
    matching = Matching(fan(10, 1), fan(10, 2))
    any_with_any(matching, classes(matching, ("Tanh", "Cos", "Sin")))
    assert sorted(matching.a.mate[1:]) == list(range(1, 31))
