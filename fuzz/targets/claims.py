"""A zoo's claims: choosing among them, whatever their dates and figures."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from random import Random

import msgspec

from zoodiff.accuracy import claim
from zoodiff.accuracy.choice import choose
from zoodiff.fault import Refusal
from zoodiff.gathering import returned
from zoodiff.reading import entries, store

_VALUES = (
    "",
    "0",
    "-1",
    "1e400",
    "NaN",
    "Infinity",
    "76.1",
    "2022-05",
    "2022-13-45",
    "0000-00",
    "k",
    "12,345.6 M",
    None,
    3,
    -1,
    2**70,
    "x" * 500,
    "②",
)


def seeds() -> list[bytes]:
    """The records of some bundled models, with their claims."""
    found = []
    for entry in entries.snapshots():
        models = list(store.load(entry.zoo, entry.version))
        for model in models[:: max(1, len(models) // 20)]:
            whole = msgspec.structs.replace(model, claims=claim.of(model, entry.zoo)[:12])
            found.append(msgspec.json.encode(whole))
    return found


def change(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    """Fields replaced, taken out and added."""
    record = json.loads(data)
    for _ in range(random.randrange(1, 6)):
        place = record
        for _ in range(random.randrange(5)):
            inner = [
                value
                for value in (place.values() if isinstance(place, dict) else place)
                if isinstance(value, dict | list) and value
            ]
            if not inner:
                break
            place = random.choice(inner)
        key = random.choice(list(place)) if isinstance(place, dict) else random.randrange(len(place))
        if random.random() < 0.2:
            del place[key]
        else:
            place[key] = random.choice(_VALUES)
        if not place:
            break
    return json.dumps(record).encode()


def run(data: bytes) -> None:
    """A record that is taken has claims that can be chosen from, on every day."""
    try:
        model = returned.decode(data, json.loads(data).get("name"))
    except (ValueError, AttributeError):
        return
    for day in (None, "2022-05", "2019-01-01"):
        for weights in (None, "w", *[w.id for w in model.weights][:2]):
            for size in (None, 224):
                with contextlib.suppress(Refusal):
                    choose(claim.of(model, "keras"), "acc@1", weights, day, size)
