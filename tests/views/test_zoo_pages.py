"""Zoos: how often each is highest and lowest, and a page with all that each offers."""

from __future__ import annotations

from pathlib import Path

from pages import Read
from zoodiff.survey.study import Study


def test_ranks_are_those_of_table_1(site: Path) -> None:
    said = Read(site / "zoos.html").said
    # top-1: alpha has the highest of resnet50-v1 and shares those of vgg16 and alexnet, where it is the lowest too
    assert "alpha 1.0 2026-01-02 4 3 100 % 33 %" in said


def test_each_zoo_has_its_models_and_findings(site: Path, study: Study) -> None:
    for snapshot in study.snapshots:
        page = Read(site / "zoos" / f"{snapshot.zoo}.html")
        assert f"{len(snapshot.models)} models under" in page.said
        assert all(f"{snapshot.zoo}:{model.name}" in page.text for model in snapshot)
        assert "Gathered on 2026-01-02" in page.said
