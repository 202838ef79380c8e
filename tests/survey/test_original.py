"""The study's data: 36 architectures, every statement with numbers, every option with an effect."""

from __future__ import annotations

import itertools

from zoodiff import unit
from zoodiff.reading.reference import find
from zoodiff.survey.original import combinations, members, original, ties


def test_its_models_are_36_architectures_of_two_zoos_or_more() -> None:
    assert len(members()) == 36
    assert all(len(models) > 1 for models in members().values())
    assert {zoo for models in members().values() for zoo in models} == set(original().tools)


def test_every_statement_has_a_unit_and_numbers() -> None:
    assert set(unit.ids("statements")) == set(original().statement)
    for told in original().statement.values():
        assert told.paper
        assert set(told.measured) <= set(told.paper)


def test_every_option_changes_something_and_names_published_models() -> None:
    for name, choice in original().choice.items():
        for option in choice.other:
            assert (members({name: option}), ties({name: option})) != (members(), ties())
            for models in members({name: option}).values():
                for zoo, model in models.items():
                    assert find(f"{zoo}:{model}").record


def test_combinations_begin_with_what_is_taken() -> None:
    every = list(combinations())
    assert every[0] == {name: choice.taken for name, choice in original().choice.items()}
    assert members(every[0]) == members()
    assert len(every) == len({tuple(one.items()) for one in every}) == 2**6 * 4


def test_what_is_dropped_stays_out_whatever_replaces_its_models() -> None:
    for file, out in itertools.product(("the first", "the newest"), ("in", "out")):
        assert ("shufflenet-v2" in members({"onnx-file": file, "shufflenet": out})) == (out == "in")
