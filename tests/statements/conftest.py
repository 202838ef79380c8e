"""Judge one statement, as the data are or after one zoo claims otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import msgspec
import pytest

from zoodiff.measuring.measurement import measure
from zoodiff.reading.reference import find
from zoodiff.survey.judge import Judged, judge
from zoodiff.survey.original import original
from zoodiff.survey.then import Models


@pytest.fixture
def judged(models: Models) -> Callable[..., Judged]:
    """A statement as of the study's day; `claims` are other values of top-1 or top-5 claims, by reference."""

    def run(name: str, metric: str = "acc@1", claims: dict[str, str] | None = None, as_of: str | None = None) -> Judged:
        changed = models
        for ref, value in (claims or {}).items():
            told = [
                msgspec.structs.replace(one, value=Decimal(value)) if one.metric == metric else one
                for one in models.entries[ref].claims
            ]
            changed = changed.changed(ref, claims=tuple(told))
        return judge(name, changed.then(as_of or original().as_of))

    return run


@pytest.fixture
def swapped(models: Models) -> Callable[..., Judged]:
    """A statement after one model's network is another's, both given by reference."""

    def run(name: str, ref: str, other: str) -> Judged:
        network = replace(models.entries[ref].network, proto=find(other).skeleton())
        changed = models.changed(ref, network=network, measurement=measure(network))
        return judge(name, changed.then(original().as_of))

    return run
