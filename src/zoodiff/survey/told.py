"""All that a zoo claims of one model, beside what others measured, and which claims tables use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from zoodiff.accuracy.choice import Chosen
from zoodiff.accuracy.evidence import Evidence
from zoodiff.record import Claim, Unmeasured


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
