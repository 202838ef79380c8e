"""The tables of all architectures and models: every one is there, and what is not known says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from pages import Read
from zoodiff.survey.study import Study


@pytest.fixture(scope="module")
def page(site: Path) -> Read:
    return Read(site / "models.html")


def test_every_architecture_and_model_has_a_row(study: Study, page: Read) -> None:
    for group in study.groups:
        assert group.architecture in page.text
    for entry in study.entries:
        assert entry.ref in page.text
    assert [tag for tag, _ in page.elements].count("tr") == 2 + len(study.groups) + len(study.entries)


def test_numbers_are_those_of_the_study(page: Read) -> None:
    assert "resnet50-v1 alpha, beta 2 1 in 2 74.9 … 76.130 1.230" in page.said
    assert "884,816" in set(page.values("title"))  # 27 * 8 * 64**2 + 80


def test_what_is_not_known_says_why(page: Read) -> None:
    assert "the zoo claims no acc@5" in set(page.values("title"))
    assert "fewer than two zoos claim it" in set(page.values("title"))


def test_quantised_and_borrowed_are_marked(page: Read) -> None:
    assert "gamma:alexnet stand-in" in page.said
