"""The first page: what was found, in numbers that a table of the made-up zoos gives by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pages import Read
from zoodiff.survey.finding import Finding
from zoodiff.survey.study import Study
from zoodiff.views import start


@pytest.fixture(scope="module")
def page(site: Path) -> Read:
    return Read(site / "index.html")


def test_it_says_at_once_what_was_compared_and_found(page: Read) -> None:
    assert "8 pre-trained models of 3 zoos" in page.said
    assert "3 names are in two or more of 3 zoos" in page.said
    # vgg16 is two networks, resnet50-v1 one at two input sizes, alexnet one with its stand-in
    assert "1 of 3 names whose graphs can be compared are different networks" in page.said
    assert "2 of 3 are one network under one name" in page.said
    assert "1.230 points between claims for one name: resnet50-v1, beta and alpha" in page.said
    assert "4 × the computation under one name: resnet50-v1, at inputs of 32 to 64" in page.said


def test_it_names_the_widest_and_says_of_whom(page: Read) -> None:
    assert "resnet50-v1 1.230 points 74.9 % beta … 76.130 % alpha" in page.said
    assert "resnet50-v1 4 × 0.22 M alpha at 32 … 0.88 M beta at 64" in page.said
    assert "vgg16 2" in page.said


def test_mislabelled_models_are_told_with_what_they_are(study: Study, tmp_path: Path) -> None:
    wrong = Finding(
        id="mislabelled",
        title="alpha:vgg16 is not vgg16 but alexnet",
        severity="high",
        confidence="high",
        architecture="vgg16",
        models=("alpha:vgg16",),
        evidence={"is": "alexnet"},
        disproof="",
        next_step="",
    )
    start.write(replace(study, findings=(wrong,)), tmp_path)
    page = Read(tmp_path / "index.html")
    assert "1 of alpha called vgg16 is alexnet" in page.said
    assert "1 model is another network than its name says" in page.said


def test_the_day_and_the_note_of_a_question_are_said(study: Study, tmp_path: Path) -> None:
    start.write(replace(study, as_of="2022-05-01", note="resnet50 may mean <two>"), tmp_path)
    said = Read(tmp_path / "index.html").said
    assert "Claims as in force on 2022-05-01." in said
    assert "resnet50 may mean <two>" in said


def test_it_is_written_the_same_each_time(study: Study, tmp_path: Path) -> None:
    first = [path.read_bytes() for path in start.write(study, tmp_path)]
    assert first == [path.read_bytes() for path in start.write(study, tmp_path)]
