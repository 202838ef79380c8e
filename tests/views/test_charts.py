"""The page of figures: every figure with its pictures, and a chart whose marks say what they are."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from pages import Read
from zoodiff.survey.study import Study
from zoodiff.views import figures


def test_every_figure_is_shown_and_can_be_taken_along(site: Path, study: Study) -> None:
    if figures.missing():
        pytest.skip(figures.missing())
    page = Read(site / "figures.html")
    made = figures.figures(study)
    assert list(page.values("data-chart")) == [figure.name for figure in made]
    links = set(page.values("href"))
    for figure in made:
        assert figure.words in page.text
        assert {f"figures/{figure.name}.svg", f"figures/{figure.name}.png"} <= links
    assert (site / "vega.js").stat().st_size > 100_000
    assert "University of Washington Interactive Data Lab" in (site / "vega-licences.txt").read_text()


def test_marks_lead_to_their_architecture(site: Path) -> None:
    if figures.missing():
        pytest.skip(figures.missing())
    (text,) = re.findall('id="specs">(.+?)</script>', (site / "figures.html").read_text(encoding="utf-8"))
    specs = json.loads(text)
    points = [
        value
        for spec in specs.values()
        for layer in spec["layer"]
        if layer["mark"]["type"] == "point"
        for value in layer["data"]["values"]
    ]
    assert points
    assert all((site / point["link"]).is_file() for point in points)
    assert all(point["model"] for point in points)


def test_without_the_packages_the_page_says_what_to_install(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "find_spec", lambda _: None)
    (path,) = figures.write(study, tmp_path)
    assert "zoodiff[figures]" in Read(path).text
