"""A unit is explained in its own words; a cost with its operators, a paper with what it states and leaves open."""

from __future__ import annotations

import json
from collections.abc import Callable

from madeup import Ran
from zoodiff import unit
from zoodiff.costs import product

Cli = Callable[..., Ran]


def test_every_unit_is_explained(cli: Cli) -> None:
    for room in ("readers", "costs", "conventions", "rules"):
        for entry in json.loads(cli("list", room, "--json").out)["entries"]:
            ran = cli("explain", entry["id"])
            assert ran.code == 0
            assert " ".join(entry["title"].split()) in " ".join(ran.out.split())


def test_a_paper_says_what_it_states_and_leaves_open(cli: Cli) -> None:
    out = cli("explain", "resnet-2015").out
    for words in ("It states\n", "It leaves open\n", "unquoted", "paper:resnet50-v1"):
        assert words in out


def test_a_cost_names_every_operator_that_it_counts(cli: Cli) -> None:
    out = cli("explain", "product").out
    assert all(f"\n  {operator}: " in out for operator in product.OPERATORS)


def test_units_of_one_name_are_all_explained(cli: Cli) -> None:
    out = cli("explain", "onnx").out
    rooms = [room for room in unit.ROOMS if "onnx" in unit.ids(room)]
    assert len(rooms) > 1
    assert all(f"onnx  ({room})\n" in out for room in rooms)
