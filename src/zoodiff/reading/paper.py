"""An origin paper as data: the networks that it describes, what it states and leaves open, the numbers it prints."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fnmatch import fnmatchcase
from functools import cache
from typing import TYPE_CHECKING

import msgspec

from zoodiff import unit
from zoodiff.fault import Refusal

if TYPE_CHECKING:
    import onnx

UNQUOTED = "unquoted"
TRANSCRIPTION = "a transcription of the paper's text in a public repository"
"""Where a quote was read that was not read in the paper's own file."""


class Fact(msgspec.Struct, frozen=True):
    """Something that a paper states about its networks."""

    text: str
    where: str
    """section, table or figure of the paper, or the place in another source that is named"""
    quote: str = UNQUOTED
    """the source's own words, only where they were read in it or in a transcription of it"""
    read: str = ""
    """where these words were read"""


class Open(msgspec.Struct, frozen=True):
    """Something that a paper does not state, so that a network that conforms may have it in any way."""

    text: str
    choice: str
    """what the networks built here have"""
    changes: tuple[str, ...]
    """the differences that touch it, as patterns of `OP.what` (`MaxPool.pads`, `*.epsilon`)"""
    steps: tuple[str, ...] = ("*",)
    """the steps that it is about, as patterns of their names in the paper's network"""
    networks: str = "*"
    """the networks that it is about, as a pattern of their names"""
    sizes_stated: bool = False
    """whether the paper states the maps' sizes, so that it may only be filled in such a way that they come out"""

    def touches(self, network: str, change: str, steps: tuple[str, ...], *, resizes: bool) -> bool:
        """Whether a difference (`OP.what`) from a network, at these of its steps, is about this point.

        `resizes` is whether it changes the sizes of maps.
        """
        return (
            not (resizes and self.sizes_stated)
            and fnmatchcase(network, self.networks)
            and any(fnmatchcase(change, pattern) for pattern in self.changes)
            and all(any(fnmatchcase(step, pattern) for pattern in self.steps) for step in steps)
            and (bool(steps) or self.steps == ("*",))
        )


class Printed(msgspec.Struct, frozen=True):
    """A number about one network that a paper prints."""

    metric: str
    """`acc@1` or `acc@5` (percentages), `params` (those that are learned) or `macs`"""
    value: Decimal
    """with as many digits as the paper prints: `Decimal("3.8E9")`"""
    written: str
    where: str
    protocol: str = ""
    """of an accuracy: images and crops"""
    size: int | None = None
    """the input's height and width, where it is not the network's first size"""
    misfit: str = ""
    """why the network's own count is another, or that it is; empty where it is the same to the printed digit"""

    def fits(self, count: int) -> bool:
        """Whether a count is the printed number when rounded to its last digit."""
        exponent = self.value.as_tuple().exponent
        assert isinstance(exponent, int), "printed numbers are finite"
        return abs(count - self.value) <= Decimal(1).scaleb(exponent) / 2


class Blueprint(msgspec.Struct, frozen=True):
    """One network as its paper states it."""

    name: str
    """`resnet50-v1`: what `paper:NAME` names"""
    build: Callable[[int], onnx.ModelProto]
    """the network at an input of this height and width, with weights of no content"""
    architectures: tuple[str, ...]
    """canonical names of which this is the origin"""
    sizes: tuple[int, ...] = (224,)
    """heights and widths of the input that the paper names, the one it starts from first"""
    printed: tuple[Printed, ...] = ()


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """An origin paper, or the repository by which its authors publish a network."""

    title: str
    authors: str
    year: int
    url: str
    networks: tuple[Blueprint, ...]
    facts: tuple[Fact, ...]
    open: tuple[Open, ...]


@cache
def papers() -> dict[str, Paper]:
    """Every paper by its id."""
    return {name: module.PAPER for name, module in unit.units("papers").items()}


@cache
def blueprints() -> dict[str, tuple[str, Blueprint]]:
    """Every network that a paper describes by its name, with the paper's id."""
    return {found.name: (name, found) for name, paper in papers().items() for found in paper.networks}


def blueprint(name: str) -> Blueprint:
    """A paper's network by its name; a paper's id names its network where it has one only.

    Raises Refusal on an unknown name, with the nearest ones, and on a paper with several networks.
    """
    if name in blueprints():
        return blueprints()[name][1]
    own = papers()[name].networks if name in papers() else ()
    if len(own) == 1:
        return own[0]
    if own:
        raise Refusal(f"the paper {name!r} has {len(own)} networks", f"They are: {', '.join(one.name for one in own)}")
    raise Refusal(f"no paper here has a network {name!r}", nearest(name))


def nearest(name: str) -> str:
    """A hint: the papers' networks that are named most like this."""
    from rapidfuzz import fuzz, process

    found = process.extract(name.lower(), list(blueprints()), scorer=fuzz.WRatio, limit=4)
    return f"Nearest: {', '.join(near for near, *_ in found)}. See: zoodiff list papers"
