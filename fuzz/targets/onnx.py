"""The ONNX reader, and all that is counted of what it reads."""

from __future__ import annotations

import json
from collections.abc import Sequence
from random import Random

import mutate
from targets._models import small
from zoodiff.fault import Refusal
from zoodiff.measuring.measurement import document, measure
from zoodiff.reading.reference import Network


def seeds() -> list[bytes]:
    """Small models of every kind."""
    return small()


def change(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    """Whole models with something wrong."""
    return mutate.mutated(data, random, others)


class _InMemory(Network):
    """A network whose file is bytes at hand."""

    def graph(self, inputs=None):
        from zoodiff.readers import onnx as reader

        return reader.read_bytes(self.data, "fuzz", inputs)

    def skeleton(self):
        from zoodiff.readers import onnx as reader

        return reader.bare(self.data, "fuzz")


def network(data: bytes) -> Network:
    """A network to measure or compare, as if it came from a file of these bytes."""
    made = _InMemory(ref="fuzz", name="fuzz")
    object.__setattr__(made, "data", data)
    return made


def run(data: bytes) -> None:
    """Measured, and written as JSON that has no NaN."""
    try:
        measured = measure(network(data))
    except Refusal:
        return
    assert measured.counts.macs.value >= 0
    assert measured.counts.flops.value >= 0
    assert measured.counts.params.value >= 0
    json.dumps(document(measured, "layer"), allow_nan=False)
