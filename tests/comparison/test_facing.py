"""Which operators face each other: each stands once, where both networks can run; what replaces another faces it."""

from __future__ import annotations

from zoodiff.comparison.difference import Difference
from zoodiff.comparison.facing import facing
from zoodiff.reducing.net import Step


def test_every_operator_and_input_stands_once(pair: tuple[Difference, Difference]) -> None:
    for difference in pair:
        aligned = difference.alignment
        for side, net in enumerate((aligned.left, aligned.right)):
            found = [faced[side] for faced in facing(aligned) if faced[side] is not None]
            assert len(found) == len({*found})
            assert {*found} == {*net.inputs, *net.preprocessing, *net.steps, *net.head}


def test_both_networks_can_run_downwards(pair: tuple[Difference, Difference]) -> None:
    aligned = pair[0].alignment
    for side, net in enumerate((aligned.left, aligned.right)):
        place = {faced[side]: at for at, faced in enumerate(facing(aligned)) if faced[side] is not None}
        for step in net.steps:
            assert all(place[net.steps[source]] < place[step] for source, _ in step.inputs if source >= 0)


def test_what_faces_another_is_its_partner_or_stands_in_its_place(pair: tuple[Difference, Difference]) -> None:
    aligned = pair[0].alignment
    mine, theirs = {*aligned.left.steps}, {*aligned.right.steps}
    for left, right in facing(aligned):
        if isinstance(left, Step) and isinstance(right, Step) and left in mine and right in theirs:
            partner = aligned.pairing.left[left.index]
            if partner >= 0:
                assert aligned.right.steps[partner] is right
            else:
                assert aligned.pairing.right[right.index] < 0
                assert {*aligned.causes[left]} & {*aligned.causes[right]}


def test_what_stands_in_anothers_place_faces_it(replaced: Difference) -> None:
    aligned = replaced.alignment
    steps = [(one, other) for one, other in facing(aligned) if isinstance(one, Step) and isinstance(other, Step)]
    assert len(steps) == 7
    others = {one.op: other.op for one, other in steps if one.op != other.op}
    assert others == ({"MaxPool": "Conv"} if aligned.turned else {"Conv": "MaxPool"})
