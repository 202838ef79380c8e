"""All that a zoo claims of one model, beside what others measured, and which claims tables use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from zoodiff.accuracy import claim, evidence
from zoodiff.accuracy.choice import Chosen, choose
from zoodiff.accuracy.evidence import Evidence
from zoodiff.fault import Refusal
from zoodiff.reading import names
from zoodiff.reading.reference import Network, find, published, snapshot, zoos
from zoodiff.record import Claim, Unmeasured
from zoodiff.survey.asked import architectures


@dataclass(frozen=True)
class Told:
    """All that a zoo claims of one model, and what tables use of it."""

    ref: str
    architecture: str
    claims: tuple[Claim, ...]
    chosen: dict[str, Chosen | Unmeasured]
    """by metric"""
    evidence: tuple[Evidence, ...] = ()
    """what others measured of its weights, all of them or those that were asked for"""


def claims_of(text: str, as_of: str | None = None) -> list[Told]:
    """Every claim about a model (`ZOO:MODEL[/WEIGHTS]`) or about all models of an architecture, with the evidence.

    Raises Refusal on an unknown model, weights or architecture.
    """
    if ":" in text:
        networks = [find(text)]
        asked = "/" in text
    else:
        wanted, _ = architectures([text], [snapshot(zoo) for zoo in zoos()])
        networks = [
            published(records, model, model.chosen())
            for records in map(snapshot, zoos())
            for model in records
            if names.canonical(records.zoo, model.name).architecture in wanted
        ]
        asked = False
    return [_told(network, as_of, asked=asked) for network in networks]


def _told(network: Network, as_of: str | None, *, asked: bool) -> Told:
    if network.record is None or network.zoo is None:
        raise Refusal(f"{network.ref!r} is in no snapshot: no zoo claims anything of it", "See: zoodiff list models")
    claims = claim.of(network.record, network.zoo)
    weights = network.weights.id if network.weights and (asked or not as_of) else None
    about = [weights] if asked else [one.id for one in network.record.weights]
    return Told(
        ref=network.ref,
        architecture=names.canonical(network.zoo, network.name).architecture,
        claims=claims,
        chosen={metric: choose(claims, metric, weights, as_of) for metric in ("acc@1", "acc@5")},
        evidence=tuple(one for id_ in about for one in evidence.of(network.zoo, network.name, id_)),
    )


def document(told: Sequence[Told]) -> dict[str, Any]:
    """Several models' claims as the JSON document that `claims --json` prints; values are decimal strings."""
    return {
        "format": 1,
        "kind": "claims",
        "models": [
            {
                "ref": model.ref,
                "architecture": model.architecture,
                "claims": msgspec.to_builtins(model.claims),
                "chosen": msgspec.to_builtins(model.chosen),
                "evidence": msgspec.to_builtins(model.evidence),
            }
            for model in told
        ],
    }
