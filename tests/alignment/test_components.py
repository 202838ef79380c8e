"""Components: what hangs together without partners is one, and it hangs between its neighbours' partners."""

from __future__ import annotations

from networks import network
from zoodiff.alignment.components import components, ends
from zoodiff.reading.reference import find
from zoodiff.reducing.reduce import build

TEXT = """net (float[1,4] x) => (float[] y) {
    a = Relu(x)
    b = Sigmoid(a) c = Tanh(b)
    d = Softplus(a) e = Cos(d)
    f = Add(c, e)
    y = Selu(f)
}"""
NET = build(find(network(TEXT)).graph())
AT = {step.op: step.index for step in NET.steps}


def partners(*without: str) -> list[int]:
    """Each step's partner: its number and a hundred, but for some that have none."""
    return [-1 if step.op in without else 100 + step.index for step in NET.steps]


def names(mate: list[int]) -> list[set[str]]:
    return [{step.op for step in component} for component in components(NET, mate)]


def test_branches_hang_together_where_their_addition_has_no_partner_either() -> None:
    assert names(partners()) == []
    assert names(partners("Tanh", "Cos")) == [{"Tanh"}, {"Cos"}]
    assert names(partners("Tanh", "Cos", "Add")) == [{"Tanh", "Cos", "Add"}]
    assert names(partners("Relu", "Selu")) == [{"Relu"}, {"Selu"}]


def test_the_steps_of_a_component_are_in_order() -> None:
    [found] = components(NET, [-1] * len(NET.steps))
    assert [step.index for step in found] == list(range(len(NET.steps)))


def test_a_component_hangs_between_the_partners_of_its_neighbours() -> None:
    mate = partners("Sigmoid", "Tanh")
    [branch] = components(NET, mate)
    assert ends(branch, mate) == ({100 + AT["Relu"]}, {100 + AT["Add"]})
    mate = partners("Relu")
    [first] = components(NET, mate)
    assert ends(first, mate) == ({-1}, {100 + AT["Sigmoid"], 100 + AT["Softplus"]})  # it reads the first input
