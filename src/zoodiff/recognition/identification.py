"""Say which known architecture a network is, as one JSON document."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import msgspec

from zoodiff.reading.reference import Network

FORMAT: Final = 1
NEAREST: Final = 5
"""How many candidates are named."""


class Candidate(msgspec.Struct, frozen=True):
    """A known architecture, by that of its networks which is nearest."""

    architecture: str
    ref: str
    exact: bool
    similarity: float
    """0 to 1, of structure; without a graph: of the file's size to what the weights need"""


class Identification(msgspec.Struct, frozen=True):
    """Which known architecture a network is."""

    model: dict[str, Any]
    advertised: str | None
    """the architecture that its published name, or its file's, means; None where it means none"""
    match: Candidate | None
    candidates: tuple[Candidate, ...]
    """the nearest architectures, the match first"""
    verdict: str
    """`consistent`, `variant`, `mislabelled`, `unadvertised` or `unknown`"""
    reason: str


class Recognised(NamedTuple):
    """What a published network is, without all that it is near to."""

    verdict: str
    reason: str
    match: Candidate | None
    names: tuple[str, ...]
    """architectures of which some zoo or paper has the very same network"""


class Judged(NamedTuple):
    """A verdict on a network, why, and which known one it is."""

    verdict: str
    reason: str
    match: Candidate | None = None


def identified(network: Network, advertised: str | None, judged: Judged, ranked: Iterable[Candidate]) -> Identification:
    """What is told of a network that was judged; `ranked` are those that it is near to, the nearest first."""
    return Identification(
        model=network.about(),
        advertised=advertised,
        match=judged.match,
        candidates=first(judged.match, ranked),
        verdict=judged.verdict,
        reason=judged.reason,
    )


def first(match: Candidate | None, ranked: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """The candidates that are named: the match, and the nearest of other architectures."""
    others = [one for one in ranked if match is None or one.architecture != match.architecture]
    return tuple([*([match] if match else []), *others][:NEAREST])


def document(identification: Identification) -> dict[str, Any]:
    """The identification as the JSON document that `identify --json` prints."""
    built: dict[str, Any] = {"format": FORMAT, "kind": "identification", **msgspec.to_builtins(identification)}
    return built
