"""The report as a whole: it hangs together, needs nothing from elsewhere, and nothing that a zoo says can act in it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages import Read
from zoodiff.survey.finding import Finding
from zoodiff.survey.study import Study
from zoodiff.views import _site, start


@pytest.fixture(scope="module")
def read(site: Path) -> dict[Path, Read]:
    """Every page of the report."""
    return {path: Read(path) for path in sorted(site.rglob("*.html"))}


def test_there_is_a_page_for_everything(site: Path, read: dict[Path, Read]) -> None:
    names = {str(path.relative_to(site)) for path in read}
    assert {"index.html", "models.html", "findings.html", "zoos.html", "figures.html", "method.html"} <= names
    assert {"architectures/vgg16.html", "zoos/alpha.html", "rules/mac-gap.html"} <= names
    assert any(name.startswith("differences/vgg16--") for name in names)


def test_every_link_leads_somewhere(read: dict[Path, Read]) -> None:
    for path, page in read.items():
        ids = list(page.values("id"))
        assert len(ids) == len(set(ids)), path
        for link in (*page.values("href"), *page.values("src"), *page.values("action")):
            parts = urlsplit(link)
            assert not parts.scheme, link
            assert not parts.netloc, link
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            assert target.is_file(), f"{path.name} leads to {link}"
            if parts.fragment and target.suffix == ".html":
                assert parts.fragment in list(read[target].values("id")), f"{path.name} leads to {link}"


def test_what_a_zoo_says_cannot_act(read: dict[Path, Read]) -> None:
    said = "".join(page.text for page in read.values())
    assert "alpha:<img src=x onerror=alert(1)>" in said
    assert "<script>alert(1)</script>" in said
    assert "it cannot be <built>" in said
    for page in read.values():
        assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
        assert "x" not in page.values("src")
        assert any("default-src 'none'" in value for value in page.values("content"))
        own = [attributes for tag, attributes in page.elements if tag == "script"]
        assert all(attributes.get("src") or "application/" in (attributes.get("type") or "") for attributes in own)


def test_a_folder_of_an_earlier_report_keeps_no_old_page(site: Path, study: Study, tmp_path: Path) -> None:
    old = tmp_path / "architectures" / "gone.html"
    old.parent.mkdir()
    old.touch()
    mine = tmp_path / "mine.html"
    mine.touch()
    _site.clear(old.parent, [])
    assert not old.exists()
    assert mine.exists()


def test_the_2022_study_is_led_to_where_it_is_there(study: Study, tmp_path: Path) -> None:
    link = 'href="reproduction.html"'
    start.write(study, tmp_path)
    assert link not in (tmp_path / "index.html").read_text(encoding="utf-8")
    (tmp_path / "reproduction.html").touch()
    start.write(study, tmp_path)
    assert link in (tmp_path / "index.html").read_text(encoding="utf-8")


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_two_names_have_files_of_their_own(one: str, other: str) -> None:
    slugs = [_site.slug(name) for name in (one, other)]
    assert all(set(slug) <= _site._SAFE and len(slug) <= 100 for slug in slugs)
    assert one == other or slugs[0] != slugs[1]
    assert not slugs[0].startswith(".")


@pytest.mark.parametrize("name", ["resnet50-v1", "squeezenet-1.0"])
def test_a_plain_name_is_its_own_file(name: str) -> None:
    assert _site.slug(name) == name


def test_a_finding_has_one_anchor_however_many_there_are(study: Study) -> None:
    finding = study.findings[0]
    assert _site.anchor(finding) == _site.anchor(finding)
    assert len({_site.anchor(one) for one in study.findings}) == len(study.findings)
    assert isinstance(finding, Finding)


def test_a_study_of_nothing_is_a_report_too(study: Study, tmp_path: Path) -> None:
    from zoodiff.showing import report

    report.write(replace(study, groups=(), findings=()), tmp_path)
    assert "No two zoos claim different accuracies" in (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "No data" not in (tmp_path / "figures.html").read_text(encoding="utf-8")
