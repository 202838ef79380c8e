"""The study of 2022 as data: its statements as printed, the models that it compared, and what it left open."""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

import msgspec

from zoodiff.survey.tables import Ties

Figure = str | int | bool
"""A number as printed: a decimal as text, a count as an integer, a yes or no."""
Members = dict[str, dict[str, str]]
"""By architecture and zoo the model that stands for it."""


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One statement of the study."""

    text: str
    where: str
    """the part of the study in which it stands"""
    paper: dict[str, Figure]
    """the numbers that are judged, as printed"""
    given: dict[str, Figure] = {}
    """what the statement presupposes"""
    measured: tuple[str, ...] = ()
    """names of numbers that the study counted or divided, so that their last digit may be rounded or cut off"""


class Option(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One answer to a question that the study leaves open: what it changes in the list of models."""

    put: Members = {}
    drop: tuple[str, ...] = ()
    ties: Ties | None = None
    """which zoos of a tie count, where the option is about that"""


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question that the study leaves open; the option that is taken changes nothing."""

    question: str
    taken: str
    other: dict[str, Option]

    @property
    def options(self) -> dict[str, Option]:
        """Every option by its name, the one that is taken first."""
        return {self.taken: Option(), **self.other}


class Original(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole study."""

    title: str
    doi: str
    url: str
    as_of: str
    """the day whose claims it is taken to have compared (YYYY-MM-DD)"""
    why_as_of: str
    ties: Ties
    """which zoos of a tie count, unless an option says otherwise"""
    tools: dict[str, str]
    """its zoos in the order of its tables, with the convention by which it counted each; `/2` halves what it says"""
    candidates: dict[str, str]
    """the zoos that it chose from, by id"""
    statement: dict[str, Statement]
    choice: dict[str, Choice]
    model: Members


@cache
def original() -> Original:
    """The study, read once."""
    text = (files("zoodiff") / "study2022.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Original)


def members(chosen: Mapping[str, str] | None = None) -> Members:
    """The models compared under some options (by the choice's name; those that are taken elsewhere)."""
    options = list(_options(chosen or {}))
    made = {architecture: dict(models) for architecture, models in original().model.items()}
    for option in options:
        for architecture, models in option.put.items():
            made.setdefault(architecture, {}).update(models)
    dropped = {architecture for option in options for architecture in option.drop}
    return {architecture: models for architecture, models in made.items() if architecture not in dropped}


def ties(chosen: Mapping[str, str] | None = None) -> Ties:
    """Which zoos of a tie count under some options."""
    return next((option.ties for option in _options(chosen or {}) if option.ties), original().ties)


def combinations() -> Iterator[dict[str, str]]:
    """Every combination of options, by the choices' names; the first is the one that is taken."""
    choices = original().choice
    for names in itertools.product(*(choice.options for choice in choices.values())):
        yield dict(zip(choices, names, strict=True))


def _options(chosen: Mapping[str, str]) -> Iterator[Option]:
    for name, choice in original().choice.items():
        yield choice.options[chosen.get(name, choice.taken)]
