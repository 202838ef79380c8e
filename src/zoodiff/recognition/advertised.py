"""Tell what a network's name says that it is."""

from __future__ import annotations

from typing import NamedTuple

from zoodiff.reading import names
from zoodiff.reading.reference import Network
from zoodiff.recognition.others import Others


class Name(NamedTuple):
    """What a name says: its architecture, and all that it may mean."""

    architecture: str
    readings: frozenset[str]


def advertised(network: Network, others: Others) -> Name | None:
    """What a network's name, or its file's, says; None where that is nothing."""
    if network.proto is not None:
        return None
    naming = names.canonical(network.zoo or "", network.path.stem if network.path else network.name)
    if naming.rule == names.LEFT_ALONE and naming.architecture not in others.zoos:
        return None
    return Name(naming.architecture, frozenset({naming.architecture, *naming.readings}))
