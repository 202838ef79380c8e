"""A room's entries are its units; models are those of the zoos."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from madeup import Ran
from zoodiff import unit
from zoodiff.fault import Refusal
from zoodiff.showing import listed

Cli = Callable[..., Ran]


def test_models_of_one_zoo(cli: Cli, zoos: Path) -> None:
    rows = listed.listing("models", "gamma")
    assert [row["ref"] for row in rows] == ["gamma:alexnet", "gamma:vgg16"]
    assert cli("list", "models", "delta").code == 2


@pytest.mark.parametrize("room", unit.ROOMS)
def test_a_room_is_its_units_under_their_titles(room: str) -> None:
    rows = listed.listing(room)
    assert [row["id"] for row in rows] == list(unit.ids(room))
    assert all(row["title"] == unit.title(unit.find(room, row["id"])) for row in rows)


def test_a_model_says_whose_graph_it_has(zoos: Path) -> None:
    graphs = {row["ref"]: row["graph"] for row in listed.listing("models")}
    assert graphs["gamma:alexnet"] == "alpha:alexnet"
    assert graphs["alpha:vgg16"] == "own"
    assert "it cannot be <built>" in graphs.values()


def test_what_there_is_not_is_refused(zoos: Path) -> None:
    with pytest.raises(Refusal, match=r"'rool'\n.*rules"):
        listed.listing("rool")
    with pytest.raises(Refusal, match=r"'gama'\n.*gamma"):
        listed.listing("models", "gama")


def test_an_empty_room_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    listed.show_listing("papers", [])
    assert capsys.readouterr().out == "There are no papers yet.\n"
