"""Which network one is, as a document: the match first, then the nearest others."""

from __future__ import annotations

import json
from collections.abc import Callable

from madeup import Ran
from zoodiff.recognition.identification import NEAREST, Candidate, first

RANKED = [Candidate(f"a{at}", f"zoo:a{at}", False, 1 - at / 10) for at in range(8)]


def test_the_nearest_are_named_and_no_more() -> None:
    assert NEAREST == 5
    assert first(None, RANKED) == tuple(RANKED[:5])


def test_the_match_stands_before_the_nearest_and_once() -> None:
    """Also where another network of its architecture is nearer."""
    match = Candidate("a2", "other:a2", True, 1)
    assert first(match, RANKED) == (match, RANKED[0], RANKED[1], RANKED[3], RANKED[4])


def test_the_document_is_the_contracts(cli: Callable[..., Ran]) -> None:
    ran = cli("identify", "torchvision:alexnet", "--json")
    assert (ran.code, ran.err) == (0, "")
    told = json.loads(ran.out)
    expected = ["format", "kind", "model", "advertised", "match", "candidates", "verdict", "reason"]
    assert list(told) == expected
    assert (told["format"], told["kind"]) == (1, "identification")
    assert told["match"].keys() == {"architecture", "ref", "exact", "similarity"}
    assert told["candidates"][0] == told["match"]
