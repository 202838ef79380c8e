"""The walk over a protobuf file, which leaves the weights behind."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from random import Random

import mutate
from targets._models import small
from zoodiff.reading import wire


def seeds() -> list[bytes]:
    """Small models of every kind."""
    return small()


def change(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    """Bytes overwritten, put twice, taken out; numbers that never end."""
    return mutate.flipped(data, random)


def run(data: bytes) -> None:
    """What is left is never more than there was."""
    with contextlib.suppress(wire.WireError):
        assert len(wire.strip(data)) <= len(data)
