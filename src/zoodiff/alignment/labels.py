"""Say what a step is, in tiers from strict to loose: never its name, its place or its layout."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final

from zoodiff.reducing.net import Step

TIERS: Final = 5
"""0 all with channels and sizes, 1 all attributes, 2 without details, 3 without strides and dilations, 4 the kind."""

_DETAILS: Final = frozenset({"bias", "pads", "epsilon", "ceil_mode", "count_include_pad"})
_SKIPPED: Final = (frozenset[str](), frozenset[str](), _DETAILS, _DETAILS | {"strides", "dilations"})


def label(step: Step, tier: int) -> Hashable:
    """What a step is at a tier: never its inputs' channels, and from tier 1 on no channels or sizes at all."""
    if tier == 4:
        return step.kind, step.depthwise
    skipped = _SKIPPED[tier]
    attributes = tuple(sorted((name, str(v)) for name, v in step.attributes.items() if name not in skipped))
    exact = (step.channels, step.size) if tier == 0 else ()
    return step.op, step.kind, attributes, exact
