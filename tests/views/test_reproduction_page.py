"""The page: every statement, both editions of the figures, and tables that other programs read."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from zoodiff.fault import Refusal
from zoodiff.showing import report
from zoodiff.survey.original import original
from zoodiff.survey.reproduce import reproduce
from zoodiff.survey.then import Models
from zoodiff.views import figures


@pytest.fixture(scope="module")
def folder(models: Models, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where everything is written."""
    folder = tmp_path_factory.mktemp("reproduction") / "new"
    paths = report.publish(reproduce(models=models), folder)
    assert sorted(paths) == sorted(folder.iterdir())
    return folder


def test_the_page_has_every_statement_and_loads_nothing_from_elsewhere(folder: Path) -> None:
    page = (folder / "reproduction.html").read_text(encoding="utf-8")
    for name in original().statement:
        assert f'id="{name}"' in page
    assert "arch-rn101: different" in page
    loaded = re.findall(r'(?:src|rel="stylesheet" href)="([^"]+)"', page)
    assert loaded
    assert all((folder / name).is_file() for name in loaded)


def test_the_figures_of_then_and_today(folder: Path) -> None:
    if figures.missing():
        pytest.skip(figures.missing())
    then, today = ((folder / f"figure-2-{name}.svg").read_text(encoding="utf-8") for name in ("then", "today"))
    assert "claims in force on 2022-05-01" in then
    assert "2.62 points" in then
    assert "14.04 points" in today
    tools = (folder / "figure-3-by-the-tools.svg").read_text(encoding="utf-8")
    alike = (folder / "figure-3-in-one-convention.svg").read_text(encoding="utf-8")
    assert "+131.6 %" in tools
    assert "+134.5 %" in alike
    assert "MaxPool 1x1, /2" in (folder / "figure-4.svg").read_text(encoding="utf-8")


def test_the_tables_are_those_of_the_document(folder: Path) -> None:
    document = json.loads((folder / "reproduction.json").read_text(encoding="utf-8"))
    for name, key in (("table-1.csv", "table_1"), ("claims.csv", "changes")):
        with (folder / name).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert [list(row.values()) for row in rows] == [
            ["" if value is None else str(value) for value in one.values()] for one in document[key]
        ]
    with (folder / "availability.csv").open(encoding="utf-8", newline="") as file:
        assert [row["architecture"] for row in csv.DictReader(file)] == document["availability"]["shared"]


def test_some_statements_alone_make_no_page(models: Models, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="a page shows all statements"):
        report.publish(reproduce(["acc-max"], models=models), tmp_path)
