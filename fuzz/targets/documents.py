"""Documents that are read back: benches, differences, logs of answers, zoo files' headers and locks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from random import Random

import mutate
from targets._folder import fresh
from targets.claims import change as change_record
from zoodiff.comparison import difference
from zoodiff.comparison.difference import document as told
from zoodiff.comparison.diffing import diff
from zoodiff.fault import Refusal
from zoodiff.isolate import declare, lock
from zoodiff.timing import latency
from zoodiff.validation.journal import Journal

_ABOUT = {"model": {"file": "a", "sha256": "0"}, "data": {"images": 3}}
_LOG = b'{"format": 1, "kind": "predictions-log", "model": {"file": "a", "sha256": "0"}, "data": {"images": 3}}\n'
_HEADER = b"""# /// script
# requires-python = ">=3.11"
# dependencies = ["a==1", "b>=2"]
# [tool.zoodiff]
# version-of = "a"
# without-dependencies = ["b"]
# disk-mb = 300
# network = true
# ///
"""
_LOCK = b"# zoo: a\n# target: x\n# requirement: a==1\na==1 --hash=sha256:00\n"


def seeds() -> list[bytes]:
    """One of each, the first byte says which."""
    bench = latency.document(latency.bundled())
    bench["models"] = bench["models"][:2]
    return [
        b"B" + json.dumps(bench).encode(),
        b"D" + json.dumps(told(diff("paper:alexnet-2012", "paper:alexnet-2014"))).encode(),
        b"J" + _LOG + b'0 1,2,3\n1 ! "broken"\n2 3,4,5\n',
        b"H" + _HEADER,
        b"L" + _LOCK,
    ]


def change(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    """JSON by its fields, the rest by bytes."""
    if data[:1] in (b"B", b"D") and random.random() < 0.8:
        return data[:1] + change_record(data[1:], random, ())
    return data[:1] + mutate.flipped(data[1:], random)


def run(data: bytes) -> None:
    """Read or refused; what is read can be told again."""
    kind, path = data[:1], fresh("document")
    path.write_bytes(data[1:])
    try:
        if kind == b"B":
            latency.document(latency.load(path))
        elif kind == b"D":
            told(difference.load(path))
        elif kind == b"J":
            with Journal(path, _ABOUT) as journal:
                assert all(answer.top and not answer.broken for answer in journal.answers.values())
        elif kind == b"H":
            lock.stated(declare.needs(path))
        else:
            lock.pins(data[1:].decode(errors="replace"))
    except Refusal:
        return
