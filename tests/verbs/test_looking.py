"""`list`, `explain` and `claims` show every unit there is, and what is near where there is none."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from madeup import Ran

Cli = Callable[..., Ran]


@pytest.mark.parametrize("room", ["zoos", "models", "readers", "costs", "conventions", "rules", "views"])
def test_rooms_are_listed(cli: Cli, room: str) -> None:
    document = json.loads(cli("list", room, "--json").out)
    assert (document["kind"], document["room"]) == ("listing", room)
    ran = cli("list", room)
    assert ran.code == 0
    words = " ".join(ran.out.split())
    assert all(entry[next(iter(entry))] in words for entry in document["entries"][:20])


def test_unknown_names_have_neighbours(cli: Cli) -> None:
    assert "mac-gap" in cli("explain", "mac-gab").err
    several = cli("explain", "onnxx").err.partition("Did you mean ")[2].rstrip("?\n").split(", ")
    assert "onnx" in several  # a zoo, a reader and a runner
    assert len(set(several)) == len(several)
    ran = cli("list", "rool")
    assert (ran.code, "rules" in ran.err) == (2, True)


def test_claims_are_those_of_the_snapshot(cli: Cli, zoos: None) -> None:
    document = json.loads(cli("claims", "beta:VGG16", "--json").out)
    values = {claim["value"] for model in document["models"] for claim in model["claims"]}
    assert values == {"71.3", "90.1"}
    shown = cli("claims", "vgg16").out
    assert all(value in shown for value in ("71.592", "90.382", "71.3", "90.1"))


def test_claims_of_a_file_lead_to_the_verb_that_is_meant(cli: Cli, model: Path) -> None:
    ran = cli("claims", model)
    assert (ran.code, ran.out) == (2, "")
    assert f"zoodiff identify {model}" in ran.err
