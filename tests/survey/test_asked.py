"""Only what was asked for is surveyed, and what there is not is refused."""

from __future__ import annotations

import pytest

from zoodiff.fault import Refusal
from zoodiff.survey.compare import audit


def test_only_what_was_asked_for(zoos: None) -> None:
    one = audit(["vgg16"], ["alpha", "beta"])
    assert [entry.ref for entry in one.entries] == ["alpha:vgg16", "beta:VGG16"]


def test_unknown_names_are_refused(zoos: None) -> None:
    with pytest.raises(Refusal, match="'delta'"):
        audit(zoo_ids=["delta"])
    with pytest.raises(Refusal, match="'resnet51'"):
        audit(["resnet51"])
